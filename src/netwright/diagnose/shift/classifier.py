"""The classifier two-sample test: if nothing can tell the samples apart, they are alike."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.diagnose.interval import Interval
from netwright.diagnose.shift.report import JointTest

MOST_ROWS = 4000
"""Rows of a sample that the classifiers see; more would find shifts too small to matter."""

MOST_SQUARED = 20
"""Columns up to which the logistic regression is given their products too, beyond which their squares alone."""

PERMUTATIONS = 2000
"""Of the domains of each half; the smallest p-value is 1 in twice as many and one."""

Floats = NDArray[np.float64]


def classifier_test(x: Floats, domain: Floats, confidence: float, seed: int) -> JointTest:
    """Train classifiers to tell target rows from training rows, and judge them on rows that they did not see.

    Each half of the rows is scored by classifiers trained on the other half. Given those, and when the samples are
    alike, every assignment of a half's domains to its rows is as likely as the one seen: permutations give the
    distribution of its standardized Mann–Whitney statistic z exactly. The mean z̄ of both halves is spread no wider
    than the two distributions mixed (in convex order), so that p, the share of permuted z that reach z̄, errs on the
    safe side.

    Args:
      x: (n, d) both samples; domain: (n,) 0 for training rows, 1 for target rows.

    Returns:
      the test; its statistic and effect are the AUC, 0.5 when the samples cannot be told apart.

    Reference: Lopez-Paz and Oquab (2017), "Revisiting classifier two-sample tests".
    """
    from scipy.stats import norm, rankdata  # start-up cost: training needs no statistics

    scores, half = domain_probabilities(x, domain, seed), folds(domain, seed)
    zs, aucs, variances = [], [], []
    chance: list[Floats] = []
    rng = np.random.default_rng(seed)
    for fold in (half, ~half):
        d = domain[fold]
        n1, n0 = d.sum(), len(d) - d.sum()
        ranks = rankdata(scores[fold])
        auc = (ranks[d == 1].sum() - n1 * (n1 + 1) / 2) / (n0 * n1)
        # Ties carry no order: the variance of the ranks that are there, not of 1 … n.
        spread = np.sqrt(ranks.var(ddof=1) / (len(d) * n0 * n1)) if np.ptp(ranks) else np.inf
        zs.append((auc - 0.5) / spread)
        sums = np.array([ranks[rng.permutation(len(d))[: int(n1)]].sum() for _ in range(PERMUTATIONS)])
        chance.append(((sums - n1 * (n1 + 1) / 2) / (n0 * n1) - 0.5) / spread)
        aucs.append(auc)
        variances.append(_auc_variance(auc, n0, n1))
    auc = float(np.mean(aucs))
    half_width = float(norm.ppf((1 + confidence) / 2) * np.sqrt(np.mean(variances)))
    reached = int((np.concatenate(chance) >= np.mean(zs)).sum())
    effect = Interval(max(0.0, auc - half_width), auc, min(1.0, auc + half_width), confidence)
    return JointTest("classifier AUC", auc, (1 + reached) / (1 + 2 * PERMUTATIONS), effect)


def domain_probabilities(x: Floats, domain: Floats, seed: int) -> Floats:
    """Return P(target | x) (n,) of each row, from classifiers trained on the other half of the rows."""
    return class_probabilities(x, domain.astype(np.int64), 2, seed)[0][:, 1]


def class_probabilities(
    x: Floats, codes: NDArray[np.int64], classes: int, seed: int, further: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return P(class | x) (n, K) of each row, from classifiers trained on the other half of the rows.

    The mean of a logistic regression, quadratic in the columns, and of random trees.

    Args:
      further: (m, d) rows of neither half: (m, K), the mean of both halves' classifiers, comes second.
    """
    further = x[:0] if further is None else further
    found, more, half = np.zeros((len(x), classes)), np.zeros((len(further), classes)), folds(codes, seed)
    models = _models(seed, x.shape[1])
    for fold in (half, ~half):
        for model in models:
            model.fit(x[~fold], codes[~fold])
            # A class may have no row in a half.
            columns = model.classes_
            found[np.ix_(fold, columns)] += model.predict_proba(x[fold]) / len(models)
            if len(further):
                more[:, columns] += model.predict_proba(further) / (2 * len(models))
    return found, more


def folds(codes: NDArray[Any], seed: int) -> NDArray[np.bool_]:
    """Return which rows are of the first half; both halves hold the same share of each class or domain."""
    rng, half = np.random.default_rng(seed), np.zeros(len(codes), bool)
    for value in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == value))
        half[rows[: len(rows) // 2]] = True
    return half


def thinned(n: int, most: int, seed: int) -> NDArray[np.int64]:
    """Return the numbers of at most ``most`` of n rows, drawn without replacement, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def _models(seed: int, columns: int) -> list[Any]:
    from sklearn.ensemble import ExtraTreesClassifier  # start-up cost: scikit-learn takes a second
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

    # Variances and correlations: two normal distributions differ by a quadratic log-odds.
    quadratic: Any = PolynomialFeatures(2, include_bias=False)
    if columns > MOST_SQUARED:
        quadratic = FunctionTransformer(_with_squares)
    logistic = make_pipeline(quadratic, LogisticRegression(C=0.1, max_iter=1000))
    return [logistic, ExtraTreesClassifier(60, min_samples_leaf=5, random_state=seed)]


def _with_squares(x: Floats) -> Floats:
    return np.hstack([x, x**2])


def _auc_variance(auc: float, n0: float, n1: float) -> float:
    """Return the variance of an AUC away from 0.5 (Hanley and McNeil, 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    return (auc * (1 - auc) + (n1 - 1) * (q1 - auc**2) + (n0 - 1) * (q2 - auc**2)) / (n0 * n1)
