"""What the rows say by themselves, without the network."""

import warnings
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from netwright.data.arrays import Arrays as Rows
from netwright.data.prepared import Prepared
from netwright.diagnose.evidence import Predictions
from netwright.diagnose.interval import Interval
from netwright.measure.evidence.network import some

FOLDS = 5
MOST_ROWS = 2000
MOST_COLUMNS = 200


def input_rms(prepared: Prepared) -> np.ndarray:
    """Return the root mean square of each encoded column that is not all 0; codes are left out."""
    x = prepared.train.x.reshape(len(prepared.train), -1)
    codes = prepared.encoder.layout.codes
    rms = np.sqrt(np.mean(np.square(np.delete(x, codes, axis=1), dtype=np.float64), axis=0))
    return rms[rms > 0]


def order(prepared: Prepared) -> Interval:
    """Return the correlation of successive targets; of classes, the share of equal successors beyond chance."""
    y = prepared.train.y
    half = 1.645 / np.sqrt(max(2, len(y)))
    if prepared.task == "regression":
        y = y - y.mean()
        value = float((y[1:] * y[:-1]).sum() / max(float((y**2).sum()), 1e-12))
    else:
        shares = np.bincount(y) / len(y)
        chance = float((shares**2).sum())
        value = float((np.mean(y[1:] == y[:-1]) - chance) / max(1 - chance, 1e-12))
    return Interval(value - half, value, value + half)


def duplicates(prepared: Prepared) -> dict[str, int]:
    """Return how many rows of dev and test also stand in the training rows, and how many training rows repeat.

    Features are compared as they are encoded; targets are not looked at.
    """
    train = _keys(prepared.train)
    known = np.unique(train)
    found = {"train": len(train) - len(known)}
    for name, rows in (("dev", prepared.dev), ("test", prepared.test)):
        if rows is not None:
            found[name] = int(np.isin(_keys(rows), known).sum())
    return found


def _keys(rows: Rows) -> np.ndarray:
    x = np.ascontiguousarray(rows.x.reshape(len(rows), -1) + np.float32(0))  # −0 becomes 0
    return x.view(np.dtype((np.void, x.dtype.itemsize * x.shape[1]))).ravel()


def feature_scores(prepared: Prepared, seed: int = 0) -> dict[str, float]:
    """Return how well each column alone predicts the target: 0 as well as the best constant, 1 perfectly.

    A decision tree of one column, cross-validated on up to 2,000 training rows. Classes: balanced accuracy between
    chance and 1; regression: the mean absolute error against that of the median, as in the predictive power score.
    """
    rows = prepared.splits.train
    rows = rows[np.linspace(0, len(rows) - 1, min(MOST_ROWS, len(rows))).astype(np.int64)]
    y = prepared.labels.values[rows]
    used = [column.name for column in prepared.features.columns() if column.used and column.kind != "text"]
    columns = _columns(prepared.features.content, rows, used)
    names = list(columns)[:MOST_COLUMNS]
    return {name: _score(columns[name], y, prepared.task, seed) for name in names}


def _columns(content: Any, rows: np.ndarray, used: list[str]) -> dict[str, np.ndarray]:
    """Return the columns as numbers; text and categories become codes, a gap less than the least value."""
    if isinstance(content, pl.DataFrame):
        found: dict[str, np.ndarray] = {}
        for series in content[rows].select(used):
            numeric = series.dtype.is_numeric() or series.dtype == pl.Boolean or series.dtype.is_temporal()
            series = series.to_physical() if numeric else series.cast(pl.String).rank("dense")
            found[series.name] = series.cast(pl.Float64).fill_nan(None).to_numpy()
    elif isinstance(content, np.ndarray) and content.ndim == 2:
        found = {name: content[rows, i].astype(np.float64) for i, name in enumerate(used)}
    else:
        return {}
    return {
        name: np.nan_to_num(a, nan=np.nanmin(a) - 1 if np.isfinite(a).any() else 0.0)
        for name, a in found.items()
    }


def _score(x: np.ndarray, y: np.ndarray, task: str, seed: int) -> float:
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    if len(y) < 2 * FOLDS or np.ptp(x) == 0:
        return 0.0
    if task == "regression":
        tree: Any = DecisionTreeRegressor(min_samples_leaf=2, random_state=seed)
        predicted = cross_val_predict(tree, x[:, None], y, cv=folds)
        constant = np.abs(y - np.median(y)).mean()
        return float(max(0.0, 1 - np.abs(y - predicted).mean() / max(constant, 1e-12)))
    tree = DecisionTreeClassifier(min_samples_leaf=2, random_state=seed)
    predicted = cross_val_predict(tree, x[:, None], y, cv=folds)
    chance = 1 / len(np.unique(y))
    # Classes that a fold did not see are predicted nowhere, which scikit-learn only wants to mention.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        right = balanced_accuracy_score(y, predicted)
    return float(max(0.0, (right - chance) / (1 - chance)))


def crossfit(prepared: Prepared, seed: int = 0) -> Predictions | None:
    """Return training rows as models that never saw them predict: a linear one and a forest, averaged.

    Both are stiff enough not to learn noisy labels by heart. Up to 2,000 rows; None for regression, for classes
    of fewer than five rows, and for texts, whose codes measure nothing.
    """
    layouts = (prepared.encoder.layout, *prepared.encoder.layout.parts)
    if prepared.task == "regression" or any(layout.kind == "text" for layout in layouts):
        return None
    rows = some(prepared.train, MOST_ROWS)
    x, y = rows.x.reshape(len(rows), -1), rows.y
    counts = np.bincount(y, minlength=len(prepared.target.classes or ()))
    if counts.min() < FOLDS:
        return None
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=200))
    forest = ExtraTreesClassifier(60, min_samples_leaf=3, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        p: Any = [
            cross_val_predict(model, x, y, cv=folds, method="predict_proba") for model in (linear, forest)
        ]
    return Predictions(y, np.mean(p, axis=0), np.zeros(len(y)))
