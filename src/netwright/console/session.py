"""``nw.fit`` and ``nw.resume``: the engine's, with progress on stderr where somebody watches."""

import inspect
import shlex
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any

from netwright.console.progress import Progress, watched
from netwright.train.distributed import leads
from netwright.train.fit import fit as plain_fit
from netwright.train.fit import resume as plain_resume
from netwright.train.folder import RunFolder
from netwright.train.run import Run


def with_progress(train: Callable[..., Run]) -> Callable[..., Run]:
    """Return a training function with one argument more: ``progress``."""

    @wraps(train)
    def shown(*given: Any, callbacks: Sequence[Any] = (), progress: bool | None = None, **named: Any) -> Run:
        wanted = leads() and (watched() if progress is None else progress)
        with Progress() if wanted else nullcontext(()) as bars:
            return train(*given, callbacks=(*callbacks, *bars), **named)

    signature = inspect.signature(train)
    more = inspect.Parameter(
        "progress", inspect.Parameter.KEYWORD_ONLY, default=None, annotation="bool | None"
    )
    shown.__dict__["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), more])
    shown.__doc__ = f"{inspect.cleandoc(train.__doc__ or '')}\n\n{PROGRESS}"
    return shown


PROGRESS = "``progress``: whether to show it on stderr; by default in a terminal and in Jupyter."
fit = with_progress(plain_fit)
resume = with_progress(plain_resume)


@contextmanager
def resumable(folder: Path) -> Generator[None, None, None]:
    """Say how to go on after a second Ctrl-C, which the engine obeys at once, also in the middle of a save."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if str(interrupt) or not (folder / "run.json").is_file():
            raise
        if RunFolder(folder).record()["status"] in ("running", "stopped"):
            said = f"interrupted at once; go on with: netwright resume {shlex.quote(str(folder))}"
        else:
            said = f"interrupted; the run is in {folder}"
        raise KeyboardInterrupt(said) from interrupt
