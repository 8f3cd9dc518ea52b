"""``nw.fit`` and ``nw.resume``: the engine's, with progress on stderr where somebody watches."""

import shlex
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import optax
from flax import nnx

from netwright import train
from netwright.console.progress import Progress, watched
from netwright.core.controls import Controls
from netwright.data.dataset import Dataset
from netwright.train.folder import RunFolder
from netwright.train.run import Run


def fit(
    dataset: Dataset,
    controls: Controls | None = None,
    *,
    seed: int = 0,
    out: str | Path | None = None,
    callbacks: Sequence[Any] = (),
    model: nnx.Module | None = None,
    rule: optax.GradientTransformation | None = None,
    loss: Any = None,
    budget: int | None = None,
    progress: bool | None = None,
) -> Run:
    """Train a network.

    Args:
      dataset: what to learn.
      controls: how; every field left at "auto" is chosen for the data.
      seed: of the weights, the order of the rows and dropout.
      out: folder of the run, for its record and checkpoints; without it nothing is written.
      callbacks: objects with any of ``on_start``, ``on_chunk``, ``on_epoch``, ``on_finish``.
      model: a Flax NNX module of your own, mapping a batch (m, n_in) to outputs; it is not changed.
      rule: an Optax transformation of your own, used as it is instead of ``optimization.rule``.
      loss: a loss of your own, (outputs, targets) → (m,), instead of ``controls.loss``.
      budget: bytes of rows that may live on the device; data beyond it is streamed, with the same result.
      progress: whether to show it on stderr; by default in a terminal and in Jupyter.

    Returns:
      the :class:`Run`.

    Raises:
      ControlError: controls contradict each other or the data.
      DataError: the data cannot be split or encoded as asked.
      RunError: ``out`` exists already and is not empty.
      TrainingError: the loss ceased to be finite; its ``run`` holds the last good weights.
      Interrupted: Ctrl-C or SIGTERM; with ``out`` the state is saved for :func:`resume`.
    """
    own: dict[str, Any] = {"model": model, "rule": rule, "loss": loss, "budget": budget}
    with _shown(progress) as shown:
        return train.fit(dataset, controls, seed=seed, out=out, callbacks=(*callbacks, *shown), **own)


def resume(
    path: str | Path,
    *,
    dataset: Dataset | None = None,
    callbacks: Sequence[Any] = (),
    model: nnx.Module | None = None,
    rule: optax.GradientTransformation | None = None,
    loss: Any = None,
    budget: int | None = None,
    progress: bool | None = None,
) -> Run:
    """Go on with an interrupted run; it ends bit for bit as one that was never stopped.

    Args:
      path: the run's folder.
      dataset: the data, when it was not read from a file.
      callbacks, model, rule, loss, budget, progress: as given to :func:`fit`.

    Raises:
      RunError: there is no run, it is done already, its data has changed, or its checkpoints are damaged.
    """
    own: dict[str, Any] = {"model": model, "rule": rule, "loss": loss, "budget": budget}
    with _shown(progress) as shown:
        return train.resume(path, dataset=dataset, callbacks=(*callbacks, *shown), **own)


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


def _shown(progress: bool | None) -> AbstractContextManager[Sequence[Progress]]:
    return Progress() if (watched() if progress is None else progress) else nullcontext(())
