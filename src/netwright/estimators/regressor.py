"""The regressor."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from netwright.core.controls import Controls
from netwright.data.target import Target
from netwright.estimators._base import NetEstimator
from netwright.estimators._inputs import Rows, checked_rows


class NetRegressor(RegressorMixin, NetEstimator):
    """A neural network for one number a row, trained by :func:`netwright.fit`'s engine.

    Parameters and attributes are those of :class:`~netwright.NetClassifier` without the ones for classes. The
    target is standardized for training and mapped back; losses are on that scale. ``validation_scores_`` are R².

    Parameters
    ----------
    loss : str
        "mse", "mae" or "huber".
    """

    def __init__(
        self,
        hidden: Any = "auto",
        activation: Any = "auto",
        *,
        batch_norm: Any = "auto",
        kernel_initializer: Any = "auto",
        loss: Any = "auto",
        rule: Any = "auto",
        rule_options: Any = "auto",
        learning_rate: Any = "auto",
        schedule: Any = "auto",
        batch_size: Any = "auto",
        epochs: Any = "auto",
        clip_norm: Any = "auto",
        tolerance: Any = "auto",
        precision: Any = "auto",
        l1: Any = "auto",
        l2: Any = "auto",
        weight_decay: Any = "auto",
        dropout: Any = "auto",
        early_stopping: Any = "auto",
        patience: Any = "auto",
        dev_fraction: Any = "auto",
        normalize: Any = "auto",
        shuffle: Any = "auto",
        controls: Controls | None = None,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.batch_norm = batch_norm
        self.kernel_initializer = kernel_initializer
        self.loss = loss
        self.rule = rule
        self.rule_options = rule_options
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.batch_size = batch_size
        self.epochs = epochs
        self.clip_norm = clip_norm
        self.tolerance = tolerance
        self.precision = precision
        self.l1 = l1
        self.l2 = l2
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.early_stopping = early_stopping
        self.patience = patience
        self.dev_fraction = dev_fraction
        self.normalize = normalize
        self.shuffle = shuffle
        self.controls = controls
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train.

        Args:
          X: (m, n) finite numbers, or a frame.
          y: (m,) finite numbers.
          sample_weight: (m,) weights of at least zero; zero takes a row out.

        Raises:
          ValueError: X, y or a parameter cannot be used; the message says which and why.
          TrainingError: the loss ceased to be finite.
        """
        past = self._fitted if self.warm_start and self.__sklearn_is_fitted__() else None
        return self._train(self._rows(X, y, sample_weight, past is None), past=past)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Make one pass over some rows, going on from the present weights and the rule's state.

        The first call fixes the encoding of X and the scale of y for all that follow. No row is held out.

        Args:
          X, y, sample_weight: as for :meth:`fit`.

        Raises:
          ValueError: as for :meth:`fit`.
        """
        past = self._fitted if self.__sklearn_is_fitted__() else None
        return self._train_once(self._rows(X, y, sample_weight, past is None), past=past)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the predicted number of each row (m,), in the units of y."""
        outputs = self._outputs(X)
        return self.run_.predictor.labels(outputs)

    def _rows(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> Rows:
        rows = checked_rows(self, X, y, sample_weight, reset=reset)
        return Rows(rows.x, rows.y.astype(np.float64), rows.weight)

    def _target(self, y: NDArray[Any]) -> Target:
        return Target("y", "regression", y, None)
