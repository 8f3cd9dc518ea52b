"""Whether the same inputs have other labels among the target rows."""

import numpy as np
from numpy.typing import NDArray

from netwright.diagnose.interval import Interval
from netwright.diagnose.shift.classifier import class_probabilities, domain_probabilities, folds
from netwright.diagnose.shift.report import JointTest

LEAST_SHARED = 30
"""Rows of either sample that must have equals in the other."""

Floats = NDArray[np.float64]


def concept_test(
    x: Floats, domain: Floats, errors: Floats, codes: NDArray[np.int64], confidence: float, seed: int
) -> JointTest:
    """Test whether labels are independent of the domain once the inputs are known.

    If P(y | x) stays, any function r of the label and the inputs is independent of the domain d given x, and its
    residuals ``(r − E[r | x]) (d − E[d | x])``, both cross-fitted, have mean 0; a covariate shift moves E[r] but not
    this. r is the error of a fixed model, and the indicator of each class; the smallest p-value is corrected for
    their number. The effect is the partially linear coefficient ``θ = Σ r_e r_d / Σ r_d²`` of the error: its rise at
    equal inputs. Only rows with ``0.1 ≤ E[d | x] ≤ 0.9`` count: elsewhere the other sample has no equal inputs.
    Where they are too few, p is 1 and there is no effect. Trees are unsure also of rows that are easily told apart, so
    E[d | x] is calibrated first, by a logistic curve of its log-odds: an overlap must not come from their doubt.

    Args:
      x: (n, d); domain: (n,) 0 or 1; errors: (n,) of a model on rows that it did not learn from; codes: (n,) classes.

    References: Shah and Peters (2020), "The hardness of conditional independence testing"; Chernozhukov et al.
    (2018), "Double/debiased machine learning", section 4.1; Crump, Hotz, Imbens and Mitnik (2009), "Dealing with
    limited overlap in estimation of average treatment effects"; Platt (1999), "Probabilistic outputs for support
    vector machines".
    """
    from scipy.stats import norm  # start-up cost: training needs no statistics

    propensity = _calibrated(domain_probabilities(x, domain, seed), domain)
    shared = np.abs(propensity - 0.5) <= 0.4
    if min((shared & (domain == d)).sum() for d in (0, 1)) < LEAST_SHARED:
        return JointTest("concept", 0.0, 1.0)
    r_domain = (domain - propensity)[shared]
    classes = int(codes.max()) + 1
    of_class = np.eye(classes)[codes] - class_probabilities(x, codes, classes, seed)[0]
    # Of two classes one indicator says all.
    responses = [
        errors - _expected(x, errors, folds(domain, seed), seed),
        *of_class.T[: max(1, classes * (classes > 2))],
    ]
    products = np.stack(responses)[:, shared] * r_domain  # (responses, shared rows)
    spread = np.maximum(products.std(axis=1, ddof=1) / np.sqrt(len(r_domain)), 1e-12)
    z = np.abs(products.mean(axis=1)) / spread
    p = min(1.0, float(2 * norm.sf(z.max())) * len(z))
    denominator = max(float((r_domain**2).mean()), 1e-12)
    rise, half = (
        products[0].mean() / denominator,
        float(norm.ppf((1 + confidence) / 2)) * spread[0] / denominator,
    )
    effect = Interval(float(rise - half), float(rise), float(rise + half), confidence)
    return JointTest("concept", float(z.max()), p, effect)


def _calibrated(p: Floats, domain: Floats) -> Floats:
    from sklearn.linear_model import LogisticRegression  # start-up cost: scikit-learn takes a second

    p = np.clip(p, 1e-6, 1 - 1e-6)
    log_odds = np.log(p / (1 - p))[:, None]
    curve = LogisticRegression(C=1e3, max_iter=1000).fit(log_odds, domain)
    return curve.predict_proba(log_odds)[:, 1]


def _expected(x: Floats, errors: Floats, half: NDArray[np.bool_], seed: int) -> Floats:
    from sklearn.ensemble import ExtraTreesRegressor  # start-up cost: scikit-learn takes a second

    found = np.empty(len(x))
    for fold in (half, ~half):
        trees = ExtraTreesRegressor(100, min_samples_leaf=5, random_state=seed)
        found[fold] = trees.fit(x[~fold], errors[~fold]).predict(x[fold])
    return found
