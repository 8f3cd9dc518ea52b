"""``fit`` and ``resume``: data and controls in, one training, a run out."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import optax
from flax import nnx

from netwright.core.controls import Controls
from netwright.core.errors import RunError
from netwright.data.dataset import Dataset
from netwright.train.checkpoint import newest
from netwright.train.compile_cache import use_compile_cache
from netwright.train.distributed import leads
from netwright.train.folder import RunFolder
from netwright.train.job import Job
from netwright.train.mesh import mesh_of
from netwright.train.own import Own
from netwright.train.restore import check_backbone, controls_of, data_of, warn_of_changes
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
    devices: int | None = None,
) -> Run:
    """Train a network.

    Args:
      dataset: what to learn.
      controls: how; every field left at "auto" is chosen for the data.
      seed: of the weights, the order of the rows and dropout.
      out: folder of the run, for its record and checkpoints; without it nothing is written.
      callbacks: objects with any of ``on_start``, ``on_chunk``, ``on_epoch``, ``on_finish``.
      model: a Flax NNX module of your own, mapping a batch (m, n_in) to outputs (m, n_out); it is not changed.
      rule: an Optax transformation of your own, used as it is instead of ``optimization.rule``.
      loss: a loss of your own, (outputs, targets) → (m,), instead of ``controls.loss``.
      budget: bytes of rows that may live on the device; data beyond it is streamed, with the same result.
      devices: how many share each mini-batch, to the same result but for rounding; on a CPU they are simulated, if
        JAX has not started yet. By default one; of processes that :func:`netwright.train.join` brought together, all.

    Returns:
      the :class:`Run`.

    Raises:
      ControlError: controls contradict each other or the data.
      DataError: the data cannot be split or encoded as asked.
      RunError: ``out`` exists already and is not empty.
      TrainingError: the loss ceased to be finite; its ``run`` holds the last good weights. Or another process was
        lost; with ``out`` the state is saved for :func:`resume`.
      Interrupted: Ctrl-C or SIGTERM; with ``out`` the state is saved for :func:`resume`.
    """
    use_compile_cache()
    mesh = mesh_of(devices)
    # Of several processes one alone writes.
    folder = None if out is None or not leads() else RunFolder(Path(out))
    if folder is not None:
        folder.check_free()
    job = Job(dataset, controls or Controls(), seed, Own(model, rule, loss), budget, mesh)
    # The folder comes last: what cannot be trained leaves none behind.
    with nullcontext() if folder is None else folder.claimed():
        return job.train(callbacks, folder)


def resume(
    path: str | Path,
    *,
    dataset: Dataset | None = None,
    callbacks: Sequence[Any] = (),
    model: nnx.Module | None = None,
    rule: optax.GradientTransformation | None = None,
    loss: Any = None,
    budget: int | None = None,
    devices: int | None = None,
) -> Run:
    """Go on with an interrupted run; it ends bit for bit as one that was never stopped.

    That is promised for the versions and the number of devices that began it; with others it warns and goes on.

    Args:
      path: the run's folder.
      dataset: the data, when it was not read from a file.
      callbacks, model, rule, loss, budget, devices: as for :func:`fit`.

    Raises:
      RunError: there is no run, it is done already, its data has changed, or its checkpoints are damaged.
    """
    use_compile_cache()
    folder = RunFolder.open(Path(path))
    record = folder.record()
    if record["status"] not in ("running", "stopped"):
        raise RunError(
            f"{folder.path}: the run is {record['status']}; only an interrupted run can be resumed"
        )
    if (record["model"] is None) != (model is not None):
        wanted = (
            "a module of your own; pass it as model=" if model is None else "a named model; leave model= out"
        )
        raise RunError(f"{folder.path}: the run trains {wanted}")
    controls = controls_of(folder, record)
    data = data_of(record, dataset)
    mesh = mesh_of(devices)
    job = Job(data, controls, record["seed"], Own(model, rule, loss), budget, mesh)
    check_backbone(folder, record, controls)
    warn_of_changes(folder, record, 1 if mesh is None else mesh.size)
    # Every process reads the state, one alone goes on to write it.
    with folder.held() if leads() else nullcontext():
        kept = newest(folder.state, job.training.now)
        if kept is not None:
            job.training.now = kept
        return job.train(callbacks, folder if leads() else None)
