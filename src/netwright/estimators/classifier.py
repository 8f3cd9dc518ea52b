"""The classifier."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets

from netwright.core.controls import Controls
from netwright.data.target import Target
from netwright.estimators._base import NetEstimator
from netwright.estimators._inputs import Rows, checked_rows
from netwright.estimators._parameters import is_auto


def _has_probabilities(estimator: "NetClassifier") -> bool:
    # Asked by hasattr, so it must not validate.
    controls = estimator.controls or Controls()
    return (controls.loss if is_auto(estimator.loss) else estimator.loss) != "hinge"


class NetClassifier(ClassifierMixin, NetEstimator):
    """A neural network that classifies, trained by :func:`netwright.fit`'s engine.

    X is an array of finite numbers, or a pandas or Polars frame. A frame's column types say what its columns are:
    numbers, booleans, dates, and categories for everything else; its cells may be missing.

    Every parameter left at "auto" keeps the value of ``controls``, which by default is chosen for the data.

    Parameters
    ----------
    hidden : "auto", int or sequence of int
        Widths of the hidden layers; ``()`` is logistic regression.
    activation : str
        Name of the hidden layers' activation, such as "relu" or "tanh".
    batch_norm : bool
        Normalize each hidden layer over the batch.
    kernel_initializer : str
        Name of an initializer, such as "he_normal".
    loss : str
        "cce", "bce" or "hinge"; hinge gives no probabilities.
    rule : str
        Update rule: "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw".
    rule_options : dict
        The rule's own hyperparameters, such as ``{"beta1": 0.8}``.
    learning_rate, schedule : float, str
        The rate, and how it moves over the epochs. ``partial_fit`` keeps an "auto" schedule constant.
    batch_size : int or "full"
        Rows of a step. Below 50 rows "auto" is "full"; then equal rows are merged into one of their summed weight,
        so that a sample weight of k is exactly k copies.
    epochs : int
        Passes over the data (``max_iter`` of MLPClassifier).
    clip_norm, tolerance : float
        Largest norm of a gradient; change of the training loss between epochs below which training stops.
    precision : str
        "float32" or "mixed".
    l1, l2, weight_decay, dropout, label_smoothing : float
        Regularization; see :class:`netwright.Regularization`.
    early_stopping : bool
        Stop when the loss on the dev rows has not fallen for ``patience`` epochs, and restore the best weights.
        "auto" does so when there are dev rows.
    patience : int
        See ``early_stopping``.
    dev_fraction : float
        Share of the rows held out to choose by (``validation_fraction`` of MLPClassifier). "auto" is 0.15 from 200
        rows on if every class has two, and with ``early_stopping=True``; otherwise no row is held out.
    normalize : str
        "standard", "minmax" or "none".
    shuffle : bool
        A new order of the rows each epoch.
    class_weight : dict, "balanced" or None
        Weights of the classes, multiplied into the sample weights.
    controls : netwright.Controls or None
        All the controls at once. Its test_fraction is not used: an estimator keeps no test rows.
    warm_start : bool
        Let ``fit`` go on from the present weights; the encoding of the data stays as it was.
    random_state : int, RandomState or None
        Of the weights, the order of the rows, dropout and the dev split. An int is :func:`netwright.fit`'s seed.
    verbose : bool
        Print a line an epoch.

    Attributes
    ----------
    classes_ : ndarray (K,)
        The labels with a weight above zero, sorted.
    n_iter_ : int
        Passes over the data made; with ``partial_fit``, all of them together.
    loss_, loss_curve_ : float, list of float
        Mean training loss of the last epoch, and of each.
    validation_scores_ : list of float or None
        Accuracy on the dev rows after each epoch.
    coefs_, intercepts_ : list of ndarray
        Kernels (n_in, n_out) and biases (n_out,) of the layers, on the encoded features.
    history_ : polars.DataFrame
        A row an epoch.
    run_ : netwright.Run
        The run, without its training data.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Of X.
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
        label_smoothing: Any = "auto",
        early_stopping: Any = "auto",
        patience: Any = "auto",
        dev_fraction: Any = "auto",
        normalize: Any = "auto",
        shuffle: Any = "auto",
        class_weight: Any = None,
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
        self.label_smoothing = label_smoothing
        self.early_stopping = early_stopping
        self.patience = patience
        self.dev_fraction = dev_fraction
        self.normalize = normalize
        self.shuffle = shuffle
        self.class_weight = class_weight
        self.controls = controls
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train.

        Args:
          X: (m, n) finite numbers, or a frame.
          y: (m,) labels: integers, booleans or strings.
          sample_weight: (m,) weights of at least zero; zero takes a row out.

        Raises:
          ValueError: X, y or a parameter cannot be used; the message says which and why.
          TrainingError: the loss ceased to be finite.
        """
        past = self._fitted if self.warm_start and self.__sklearn_is_fitted__() else None
        rows = checked_rows(self, X, y, sample_weight, reset=past is None)
        check_classification_targets(rows.y)
        labels = np.unique(rows.y)
        if past is None:
            if len(labels) == 1:
                raise ValueError(f"y holds one class only ({labels[0]!r}); expected at least two classes")
            self.classes_ = labels
        elif not np.array_equal(labels, self.classes_):
            raise ValueError(f"warm_start: y has the classes {labels}, the earlier fit had {self.classes_}")
        return self._train(self._coded(rows), past=past)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, *, classes: Any = None) -> Self:
        """Make one pass over some rows, going on from the present weights and the rule's state.

        The first call fixes the encoding of X for all that follow. No row is held out.

        Args:
          X, y, sample_weight: as for :meth:`fit`.
          classes: all labels that will ever come; needed in the first call only.

        Raises:
          ValueError: as for :meth:`fit`; ``classes`` is missing in the first call or changed, or y has others.
        """
        past = self._fitted if self.__sklearn_is_fitted__() else None
        if past is None and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if past is not None and classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes: found {classes}, the first call to partial_fit had {self.classes_}")
        rows = checked_rows(self, X, y, sample_weight, reset=past is None)
        check_classification_targets(rows.y)
        known = self.classes_ if classes is None else np.unique(classes)
        unknown = np.setdiff1d(rows.y, known)
        if len(unknown):
            raise ValueError(f"y has classes that are not in classes: {unknown}; known: {known}")
        self.classes_ = known
        return self._train_once(self._coded(rows), past=past)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row (m,)."""
        outputs = self._outputs(X)
        return self.classes_[outputs.argmax(axis=1) if outputs.ndim == 2 else (outputs > 0).astype(np.intp)]

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probabilities (m, K); columns follow ``classes_``."""
        return self.run_.predictor.probabilities(self._outputs(X))

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithms of :meth:`predict_proba`."""
        return np.log(self.predict_proba(X))

    def _coded(self, rows: Rows) -> Rows:
        """Return the rows with codes into ``classes_`` for labels, weighted by class."""
        codes = np.searchsorted(self.classes_, rows.y).astype(np.int32)
        if self.class_weight is None:
            return Rows(rows.x, codes, rows.weight)
        per_class = compute_class_weight(self.class_weight, classes=self.classes_, y=rows.y)
        weight = np.ones(len(rows)) if rows.weight is None else rows.weight
        return Rows(rows.x, codes, weight * per_class[codes])

    def _target(self, y: NDArray[Any]) -> Target:
        task = "binary" if len(self.classes_) == 2 else "multiclass"
        return Target("y", task, y, self.classes_.tolist())

    def _every_class_repeats(self, y: NDArray[Any]) -> bool:
        return int(np.bincount(y).min()) > 1
