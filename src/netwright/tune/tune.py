"""``nw.tune``: a space searched, each batch of trials trained as compiled populations."""

import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from netwright.core import catalog
from netwright.core.controls import Controls
from netwright.core.duration import seconds_of
from netwright.core.errors import RunError
from netwright.data.dataset import Dataset
from netwright.data.targets import require_one
from netwright.train.folder import FolderTakenError
from netwright.train.interrupt import Interrupted
from netwright.tune.space import Space
from netwright.tune.study import Study

DATABASE = "study.db"


def tune(
    ds: Dataset,
    space: Space | None = None,
    search: str = "tpe",
    *,
    trials: int = 64,
    budget: str | float | None = None,
    cv: int | None = None,
    storage: str | None = None,
    executor: str = "local",
    controls: Controls | None = None,
    seed: int = 0,
    refine: int = 0,
    out: str | Path | None = None,
    progress: Callable[[Study], None] | None = None,
    workers: int | None = None,
) -> Study:
    """Search a space of controls for those of the lowest error.

    Trials of one structure train side by side as one compiled population; their numbers differ. The dev rows decide, or
    with ``cv`` the rows that each fold leaves out; the test rows are never looked at. The seed and the point of trial i
    depend on ``seed``, on i, and on the trials before its batch alone: a study that was stopped and is asked for again
    has the same trials as one that never was.

    All folds share one encoding, fitted on the training rows, as they are one population; where there are dev rows,
    early stopping looks at those.

    Args:
      ds: what to learn.
      space: by default :meth:`netwright.Space.default` of the data.
      search: "grid", "random", "quasi" (Sobol's points), "bayes" (a Gaussian process), "tpe" (Parzen estimators),
        "halving" (successive halving) or "hyperband".
      trials: how many points; a grid may have fewer.
      budget: time, such as "10m" or seconds; a batch that would not fit any more is not begun.
      cv: folds.
      storage: URL of a database of the trials, which machines may share; by default SQLite in ``out``.
      executor: "local", "processes" or "ray"; workers: how many.
      controls: what all trials have in common; each "auto" is chosen for the data.
      seed: of the study.
      refine: how often the space shrinks to the region of the best trials, from coarse to fine; for grid, random and
        quasi. The trials are divided into one round more.
      out: folder of the trials and of the best run; a study that was stopped there goes on.
      progress: called with the study so far after every population.

    Returns:
      the :class:`Study`. Its ``best`` is the network of the best trial; with folds, or if it was not trained by this
      process, its controls and seed are trained again, on all training rows.

    Raises:
      ControlError: an argument is unknown or contradicts another, there are fewer rows than folds, or several targets.
      DataError: there are no dev rows and no folds.
      RunError: ``out`` holds something else, the storage cannot be used or has a study of other data, controls, space,
        search, seed or folds under this name, or Optuna is missing.
      TrainingError: no trial could be trained.
      Interrupted: Ctrl-C or SIGTERM; all trials told of are kept.
    """
    require_one(ds.labels.names, "tune")
    if find_spec("optuna") is None:
        raise RunError('tune: needs Optuna; pip install "netwright[tune]"')
    # Start-up cost, and an extra: these import Optuna.
    from netwright.tune.plan import plan_of
    from netwright.tune.progress import Tuning

    catalog.check("tune.executors", executor, "executor")
    deadline = None if budget is None else time.time() + seconds_of(budget)
    plan = plan_of(ds, space, search, trials=trials, cv=cv, controls=controls, seed=seed, refine=refine)
    with _folder(out, shared=storage is not None) as folder:
        url = storage or f"sqlite:///{(folder / DATABASE).resolve()}"
        name = ds.name if storage is None or out is None else folder.name
        path = None if out is None else folder
        tuning = Tuning(plan, url, name, path, shared=storage is not None)
        try:
            tuning.run(executor, workers, deadline, progress)
        except KeyboardInterrupt as interrupt:
            raise Interrupted(f"interrupted; {_kept(out, storage)}") from interrupt
        return tuning.ended()


@contextmanager
def _folder(out: str | Path | None, *, shared: bool) -> Generator[Path]:
    """Hold the folder of a study, or one that is gone after it.

    Raises:
      FolderTakenError: it holds something else.
    """
    if out is None:
        with tempfile.TemporaryDirectory(prefix="netwright-") as folder:
            yield Path(folder)
        return
    folder = Path(out)
    study = (folder / DATABASE).is_file() or (shared and (folder / "best").is_dir())
    if folder.exists() and not study and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(f"{folder}: exists already; choose another --out, or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def _kept(out: str | Path | None, storage: str | None) -> str:
    if out is None and storage is None:
        return "nothing is kept, as there is no out"
    return f"all trials told of are in {out or 'the storage'}; ask again to go on"
