"""One process at a time: a lock that the system lets go when its holder dies."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from netwright.core.errors import RunError


@contextmanager
def only_one(path: Path) -> Generator[None]:
    """Hold the lock file ``path`` within the block.

    Raises:
      RunError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(
                f"{path.parent}: in use by another netwright process; wait for it or stop it"
            ) from None
        yield
