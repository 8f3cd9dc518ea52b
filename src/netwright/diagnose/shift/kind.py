"""The type of a shift: which of P(x), P(y) and P(y | x) moved."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netwright.diagnose.interval import of_mean
from netwright.diagnose.shift.class_weights import class_weights, matched
from netwright.diagnose.shift.classifier import (
    MOST_ROWS,
    class_probabilities,
    classifier_test,
    domain_probabilities,
    thinned,
)
from netwright.diagnose.shift.columns import Pair
from netwright.diagnose.shift.labels import Labels, Predicted
from netwright.diagnose.shift.mmd import MOST_ROWS as MOST_MMD_ROWS
from netwright.diagnose.shift.mmd import mmd_test
from netwright.diagnose.shift.report import JointTest, ShiftType
from netwright.diagnose.shift.univariate import univariate

Floats = NDArray[np.float64]
LEAST_ROWS = 20
"""Training rows of matched classes below which nothing could be told."""


def pair_tests(a: Floats, b: Floats, confidence: float, seed: int) -> list[JointTest]:
    """Return the classifier two-sample test and the MMD test of training rows ``a`` and target rows ``b``."""
    return [
        classifier_test(*_joined(a, b, MOST_ROWS, seed), confidence, seed),
        mmd_test(*_joined(a, b, MOST_MMD_ROWS, seed), seed),
    ]


@dataclass(frozen=True)
class Samples:
    """Both samples with what is known of their labels.

    Attributes:
      a, b: (n, d) training rows and (m, d) target rows.
      labels, predicted: their labels, and predictions of a model for rows that it did not learn from.
    """

    a: Floats
    b: Floats
    labels: Labels
    predicted: Predicted

    @property
    def codes(self) -> NDArray[np.int64]:
        """Classes (n,) of the training rows."""
        return self.labels.codes(self.labels.train)

    def weights(self) -> Floats:
        """Return how much commoner each class is among the target rows (K,), seen or estimated."""
        codes, classes = self.codes, self.labels.count
        if self.labels.target is None:
            seen = [self.labels.codes(values) for values in (self.predicted.train, self.predicted.target)]
            return class_weights(codes[self.predicted.rows], seen[0], seen[1], classes)
        target = np.bincount(self.labels.codes(self.labels.target), minlength=classes) / len(self.b)
        train = np.bincount(codes, minlength=classes) / len(codes)
        return np.where(train > 0, target / np.maximum(train, 1e-12), 0.0)


def shift_type(
    samples: Samples | None, tests: Mapping[str, bool], alpha: float, seed: int
) -> tuple[ShiftType, str]:
    """Return the type and the reason for it.

    Args:
      samples: None when the labels of the training rows are not known.
      tests: "inputs", and "labels" and "concept" where they could be tested → whether shifted.
      alpha: how often a label shift may be taken for another shift.
    """
    if not any(tests.values()):
        return "none", "no test tells the samples apart"
    if samples is None:
        return "undecidable", "the inputs moved; without training labels a label shift looks the same"
    weights = samples.weights()
    if tests.get("labels", True) and weights.any() and _only_classes(samples, weights, alpha, seed):
        seen = "" if "labels" in tests else " (no target labels seen)"
        return (
            "label",
            f"class shares {_shown(weights, samples.codes)}, the inputs of each class stayed{seen}",
        )
    if "concept" not in tests:
        unseen = "no target labels show it" if samples.labels.target is None else "the samples hardly overlap"
        return "covariate", f"the inputs moved beyond class shares; that P(y | x) stayed is assumed: {unseen}"
    if tests["concept"]:
        return "concept", "at equal inputs the labels differ: P(y | x) changed"
    if tests["inputs"]:
        return "covariate", "the inputs moved, and at equal inputs the labels did not"
    return "concept", "class shares moved and the inputs did not: P(y | x) changed"


def _only_classes(samples: Samples, weights: Floats, alpha: float, seed: int) -> bool:
    """Return whether class shares alone explain the shift.

    They do when training rows drawn to have the target's shares cannot be told from the target rows, and when the
    classes tell the domain of rows better than the inputs do: few rows refute little.
    """
    labels, codes = samples.labels, samples.codes
    rows = matched(codes, weights, np.random.default_rng(seed))
    if len(rows) < LEAST_ROWS:
        return False
    a, b = samples.a[rows], samples.b
    alone = univariate([Pair(str(i), True, a[:, i], b[:, i]) for i in range(a.shape[1])])["p"]
    if labels.target is not None:
        # With y as further columns: the inputs of each class must be alike, not only their mixture.
        a, b = (
            np.hstack([x, np.eye(labels.count)[c]])
            for x, c in ((a, codes[rows]), (b, labels.codes(labels.target)))
        )
    ps = [test.p for test in pair_tests(a, b, 1 - alpha, seed)] + [float(alone.to_numpy().min()) * len(alone)]
    return min(ps) * len(ps) > alpha and _classes_tell_more(samples, weights, alpha, seed)


def _classes_tell_more(samples: Samples, weights: Floats, alpha: float, seed: int) -> bool:
    """Return whether ``P_target / P_train = w_y`` predicts the domain with no more log loss than a function of x does.

    Where the target's labels are not seen, w is averaged over an estimated P(y | x); for that it is given the
    benefit of the doubt: the function of x must be better beyond noise.
    """
    labels = samples.labels
    rows, kept = (thinned(len(x), MOST_ROWS, seed) for x in (samples.a, samples.b))
    a, b, codes = samples.a[rows], samples.b[kept], samples.codes[rows]
    domain = np.repeat([0.0, 1.0], [len(a), len(b)])
    if labels.target is not None:
        ratio = weights[np.concatenate([codes, labels.codes(labels.target)[kept]])]
    else:
        ratio = np.concatenate(class_probabilities(a, codes, labels.count, seed, b)) @ weights
    by_class = ratio * len(b) / (ratio * len(b) + len(a))
    by_inputs = domain_probabilities(np.concatenate([a, b]), domain, seed)
    worse = _log_losses(by_class, domain) - _log_losses(by_inputs, domain)
    if labels.target is not None:
        return float(worse.mean()) <= 0
    low = of_mean(worse, 1 - alpha).low
    return low is None or low <= 0


def _log_losses(p: Floats, domain: Floats) -> Floats:
    return -np.log(np.clip(np.where(domain == 1, p, 1 - p), 1e-6, 1))


def _joined(a: Floats, b: Floats, most: int, seed: int) -> tuple[Floats, Floats]:
    parts = [sample[thinned(len(sample), most, seed)] for sample in (a, b)]
    return np.concatenate(parts), np.repeat([0.0, 1.0], [len(part) for part in parts])


def _shown(weights: Floats, codes: NDArray[np.int64]) -> str:
    before = np.bincount(codes, minlength=len(weights)) / len(codes)
    return ", ".join(
        f"{old:.0%} → {old * weight:.0%}" for old, weight in list(zip(before, weights, strict=True))[:5]
    )
