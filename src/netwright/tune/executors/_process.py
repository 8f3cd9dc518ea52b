"""The program of a worker process."""

import os
import pickle
import sys
import threading
from pathlib import Path

from netwright.core.errors import NetwrightError
from netwright.tune.executors._workers import keep_to, share_of
from netwright.tune.worker import work


def main(path: str, place: str, count: str) -> None:
    """Work until nothing is left, or the process that started this one is gone.

    Args:
      path: file of the work; place: which of the workers this is; count: how many they are.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keep_to(share_of(int(place), int(count)))
    try:
        work(pickle.loads(Path(path).read_bytes()))
    except NetwrightError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        sys.exit(1)


def _end_with_parent() -> None:
    # The other end of standard input closes when the parent is done, fails, or is killed.
    os.read(0, 1)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
