"""Models of several families, fitted on one part of the rows and judged on another."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor

from netwright.diagnose.bayes.inputs import Inputs

Floats = NDArray[np.float64]
KEPT = 3


@dataclass(frozen=True)
class Judged:
    """A model frozen before it saw the rows that judge it.

    Attributes:
      name: of the model.
      outputs: (m, K) class probabilities or (m,) values on the held-out rows.
      losses: (m,) 0–1 or squared loss of each held-out row.
      earlier: (2, m) the same of two models trained on half the rows each.
    """

    name: str
    outputs: Floats
    losses: Floats
    earlier: Floats

    @property
    def fall(self) -> tuple[float, float]:
        """How far the loss fell when training rows doubled, and its standard error.

        It has two sources: the rows that judge, and the rows that trained. Of the second the two halves tell: with
        variance v of a half's loss, the mean of two has v/2, and a model of twice the rows about v/2.
        """
        falls = self.earlier.mean(axis=0) - self.losses
        judging = falls.var(ddof=1) / len(falls)
        training = self.earlier.mean(axis=1).var(ddof=1)
        return float(falls.mean()), float(np.sqrt(judging + training))


def families(inputs: Inputs, seed: int) -> dict[str, Any]:
    """Return unfitted scikit-learn models of the usual families."""
    n = inputs.train.stop
    near = max(3, round(np.sqrt(n) / 2))
    network: dict[str, Any] = {
        "hidden_layer_sizes": (64, 32),
        "alpha": 1e-2,
        "max_iter": max(20, min(100, 60_000 // n)),
    }
    if inputs.classes:
        return {
            "majority": DummyClassifier(),
            "logistic": LogisticRegression(max_iter=200),
            "LDA": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
            "QDA": QuadraticDiscriminantAnalysis(reg_param=0.02),
            "naive Bayes": GaussianNB(),
            "k-NN": KNeighborsClassifier(near),
            "random forest": RandomForestClassifier(40, min_samples_leaf=3, random_state=seed),
            "MLP": MLPClassifier(random_state=seed, **network),
        }
    return {
        "mean": DummyRegressor(),
        "ridge": RidgeCV(np.logspace(-2, 3, 11)),
        "k-NN": KNeighborsRegressor(near, weights="distance"),
        "extra trees": ExtraTreesRegressor(40, min_samples_leaf=3, random_state=seed),
        "boosting": GradientBoostingRegressor(n_estimators=120, subsample=0.5, random_state=seed),
        "MLP": MLPRegressor(random_state=seed, **network | {"max_iter": 2 * network["max_iter"]}),
    }


def judge(inputs: Inputs, models: Mapping[str, Any]) -> list[Judged]:
    """Fit each model on both halves of the training rows, keep the best of them, refit these and judge them.

    A half's model is scored on the other half: selection never sees the rows that judge. Best first.
    """
    X, y = inputs.X, _encoded(inputs, inputs.y)
    middle, end = inputs.train.stop // 2, inputs.train.stop
    first, second = slice(0, middle), slice(middle, end)
    scored: list[tuple[float, str, list[Any]]] = []
    for name, model in models.items():
        try:
            fitted = [_fit(model, X[half], y[half]) for half in (first, second)]
        except (ValueError, np.linalg.LinAlgError):
            continue  # a family that asks for more rows of a class than there are
        tried = zip(fitted, (second, first), strict=True)
        score = np.mean([_losses(inputs, _outputs(inputs, m, half), half).mean() for m, half in tried])
        scored.append((float(score), name, fitted))
    kept = sorted(scored, key=lambda entry: entry[:2])[:KEPT]
    found: list[Judged] = []
    for _, name, halves in kept:
        outputs = _outputs(inputs, _fit(models[name], X[inputs.train], y[inputs.train]), inputs.held)
        earlier = [_losses(inputs, _outputs(inputs, half, inputs.held), inputs.held) for half in halves]
        losses = _losses(inputs, outputs, inputs.held)
        found.append(Judged(name, outputs, losses, np.array(earlier)))
    return found


def refit(inputs: Inputs, model: Any, noised: NDArray[Any]) -> Floats:
    """Return the losses on the true held-out labels of a model trained on ``noised`` training labels."""
    fitted = _fit(model, inputs.X[inputs.train], _encoded(inputs, noised))
    return _losses(inputs, _outputs(inputs, fitted, inputs.held), inputs.held)


def _scale(inputs: Inputs) -> tuple[float, float]:
    known = inputs.y[inputs.train]
    return float(known.mean()), float(known.std()) or 1.0


def _encoded(inputs: Inputs, y: NDArray[Any]) -> NDArray[Any]:
    if inputs.classes:
        return y
    centre, scale = _scale(inputs)
    return (y - centre) / scale


def _fit(model: Any, X: Floats, y: NDArray[Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a model stopped early, or a collinear one, is judged as it is
        fresh: Any = clone(model)
        return fresh.fit(X, y)


def _outputs(inputs: Inputs, model: Any, rows: slice) -> Floats:
    """Class probabilities (m, K), a class unseen in training at 0; or values (m,) in the target's units."""
    X = inputs.X[rows]
    if not inputs.classes:
        centre, scale = _scale(inputs)
        return model.predict(X) * scale + centre
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = np.nan_to_num(model.predict_proba(X))
    outputs = np.zeros((len(X), inputs.classes))
    outputs[:, model.classes_] = known
    return outputs


def _losses(inputs: Inputs, outputs: Floats, rows: slice) -> Floats:
    if inputs.classes:
        return (outputs.argmax(axis=1) != inputs.y[rows]).astype(np.float64)
    return (outputs - inputs.y[rows]) ** 2
