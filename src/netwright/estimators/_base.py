"""What both estimators share: fitting, going on, and what is known afterwards."""

from abc import abstractmethod
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from netwright.core.controls import Controls, Schedule
from netwright.data.dataset import Dataset
from netwright.data.target import Target
from netwright.estimators._fitted import Fitted, SameEncoding, go_on_from, start_from
from netwright.estimators._inputs import Rows, checked_features
from netwright.estimators._parameters import controls_of, is_auto
from netwright.train.compile_cache import use_compile_cache
from netwright.train.events import Callback, EpochDone
from netwright.train.job import Job
from netwright.train.own import Own
from netwright.train.run import Run

SMALL = 50
"""Below this many rows a batch_size of "auto" is all of them."""
LEAST_TO_HOLD_OUT = 200
"""Below this many rows a dev_fraction of "auto" is 0: a few dev rows choose worse than none (measured)."""
LARGEST_SEED = 2**31 - 1


class NetEstimator(BaseEstimator):
    """Base of :class:`NetClassifier` and :class:`NetRegressor`, which list the parameters."""

    controls: Controls | None
    batch_size: Any
    dev_fraction: Any
    early_stopping: Any
    patience: Any
    schedule: Any
    random_state: Any
    verbose: bool
    warm_start: bool
    _columns: list[str] | None
    _fitted: Fitted

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_fitted")

    # --------------------------------------------------------------------------------------------- training

    @abstractmethod
    def _target(self, y: NDArray[Any]) -> Target:
        """Return checked targets as the data room's."""

    def _train(self, rows: Rows, *, past: Fitted | None) -> Self:
        """Train from new weights, or from those of ``past``."""
        controls = self._controls(rows)
        if controls.optimization.batch_size == "full" and len(rows) < SMALL:
            rows = rows.merged()
        job = self._job(rows, controls, past)
        if past is not None:
            start_from(job, past)
        return self._finish(job, past)

    def _train_once(self, rows: Rows, *, past: Fitted | None) -> Self:
        """Make one pass over the rows, from new weights or from where ``past`` ended."""
        controls = self._controls(rows)
        optimization, regularization = controls.optimization, controls.regularization
        if optimization.schedule == "auto":
            # The end is unknown, so the rate cannot fall towards it.
            optimization = optimization.replace(schedule=Schedule(kind="constant"))
        controls = controls.replace(
            optimization=optimization.replace(tolerance=None),
            regularization=regularization.replace(early_stopping=None),
            data=controls.data.replace(dev_fraction=0.0),
        )
        job = self._job(rows, controls, past)
        if past is None:
            job.training.epochs = 1
        else:
            go_on_from(job, past)
        return self._finish(job, past)

    def _controls(self, rows: Rows) -> Controls:
        """Return the controls for these rows; the estimator's own rules for small data apply to "auto"."""
        parameters = self.get_params(deep=False)
        controls = controls_of(parameters)
        optimization, regularization, data = controls.optimization, controls.regularization, controls.data
        if len(rows) < SMALL and optimization.batch_size == "auto":
            optimization = optimization.replace(batch_size="full")
        if is_auto(self.dev_fraction) and self.controls is None and not self._can_hold_out(rows):
            data = data.replace(dev_fraction=0.0)
        if is_auto(self.early_stopping) and not is_auto(self.patience) and data.dev_fraction == 0:
            # A patience says how to stop early, not that it must be.
            regularization = regularization.replace(early_stopping=None)
        # Judging on rows never seen is the caller's: train_test_split, cross_val_score.
        data = data.replace(test_fraction=0.0)
        return controls.replace(optimization=optimization, regularization=regularization, data=data)

    def _can_hold_out(self, rows: Rows) -> bool:
        if self.early_stopping is False:
            return False
        return self.early_stopping is True or (
            len(rows) >= LEAST_TO_HOLD_OUT and self._every_class_repeats(rows.y)
        )

    def _every_class_repeats(self, y: NDArray[Any]) -> bool:
        return True

    def _job(self, rows: Rows, controls: Controls, past: Fitted | None) -> Job:
        use_compile_cache()
        seed = self._seed()
        controls = controls.replace(data=controls.data.replace(split_seed=seed))
        name, target = type(self).__name__, self._target(rows.y)
        if past is None:
            dataset = Dataset(rows.features(), target, name=name, weight=rows.weight)
        else:
            dataset = SameEncoding(rows.features(), target, name=name, weight=rows.weight)
            dataset.fitted = past
        return Job(dataset, controls, seed, Own(), None)

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(LARGEST_SEED))

    def _finish(self, job: Job, past: Fitted | None) -> Self:
        run = job.train([_Lines()] if self.verbose else [], None)
        self._fitted = Fitted.of(job, run)
        history = self._fitted.records.history
        curve = [row["train_loss"] for row in history]
        scores = [row[f"dev_{job.training.program.plan.metric}"] for row in history if "dev_loss" in row]
        self.loss_curve_ = curve if past is None else self.loss_curve_ + curve
        self.validation_scores_ = scores or None
        self.loss_ = self.loss_curve_[-1]
        self.n_iter_ = job.training.now.epoch
        return self

    # ------------------------------------------------------------------------------------ what is known now

    @property
    def run_(self) -> Run:
        """The :class:`netwright.Run`, without its training data."""
        return self._known().run

    @property
    def history_(self) -> pl.DataFrame:
        """A row an epoch of the latest fit: losses, metrics, learning rate, seconds."""
        return self.run_.history

    @property
    def coefs_(self) -> list[NDArray[np.float32]]:
        """The kernels (n_in, n_out) of the layers, first to last."""
        return [array for name, array in self._known().params.items() if name.endswith(".kernel")]

    @property
    def intercepts_(self) -> list[NDArray[np.float32]]:
        """The biases (n_out,) of the layers, first to last."""
        params = self._known().params
        return [params[name.removesuffix("kernel") + "bias"] for name in params if name.endswith(".kernel")]

    def _outputs(self, X: Any) -> NDArray[np.float32]:
        check_is_fitted(self)
        return self._fitted.run.predictor.outputs(checked_features(self, X, reset=False), "X")

    def _known(self) -> Fitted:
        check_is_fitted(self)
        return self._fitted


class _Lines(Callback):
    """Prints a line an epoch."""

    def on_epoch(self, event: EpochDone) -> None:
        """Print the epoch's record."""
        numbers = {
            name: value for name, value in event.record.items() if name not in ("epoch", "step", "seconds")
        }
        print(
            f"epoch {event.epoch + 1}: " + ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())
        )
