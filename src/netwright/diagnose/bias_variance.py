"""Bias and variance of a learner, from the predictions of networks trained on resamples of the same data."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from netwright.diagnose.interval import Interval


@dataclass(frozen=True)
class BiasVariance:
    """What the mean error over resampled training sets is made of: ``error = bias + variance``, exactly.

    Attributes:
      metric: "mse" (squared loss) or "error" (0–1 loss).
      members: N trained networks; rows: m rows predicted; scheme: how the training sets were drawn.
      error: the mean error of one network.
      bias: mse: mean of (f̄ − y)² − Σ‖f_j − f̄‖²/(N(N−1)), so that it is unbiased; error: the share of rows that the
        mode of the networks gets wrong. Both hold the noise of the labels, which no number of networks tells apart.
      variance: mse: mean of Σ‖f_j − f̄‖²/(N−1); error: the *net* variance, unbiased − what is won on biased rows.
      unbiased, biased: 0–1 loss only: P(f_j ≠ mode) over rows whose mode is right, and over rows whose mode is wrong.
    """

    metric: Literal["error", "mse"]
    members: int
    rows: int
    error: Interval
    bias: Interval
    variance: Interval
    unbiased: Interval | None = None
    biased: Interval | None = None
    scheme: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and numbers."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [
            f"{self.metric} {self.error} = bias {self.bias} + variance {self.variance}",
            f"{self.members} networks, {self.scheme or 'resampled'}, judged on {self.rows:,} rows",
            "the bias holds the noise of the labels",
        ]
        if self.unbiased is not None and self.biased is not None:
            lines.append(
                f"variance: {self.unbiased} where the mode is right, {self.biased} where it is wrong"
            )
        return "\n".join(lines)


def squared(
    predictions: np.ndarray, truth: np.ndarray, confidence: float = 0.9, weight: np.ndarray | None = None
) -> BiasVariance:
    """Decompose the squared loss (Geman, Bienenstock and Doursat, 1992).

    ``mean_j (f_j − y)² = [(f̄ − y)² − V/N] + V`` with ``V = Σ_j (f_j − f̄)²/(N − 1)``, row by row and exactly.

    Args:
      predictions: (N, m) of N networks; truth: (m,), in one unit.
      confidence: of the intervals, over rows and networks.
      weight: (m,) with the mean 1: each row's share in all means; by default all count the same.
    """

    def parts(f: np.ndarray) -> dict[str, np.ndarray]:
        variance = f.var(axis=0, ddof=1)
        return {
            "error": ((f - truth) ** 2).mean(axis=0),
            "bias": (f.mean(axis=0) - truth) ** 2 - variance / len(f),
            "variance": variance,
        }

    return _assembled("mse", np.asarray(predictions, np.float64), parts, confidence, weight)


def zero_one(
    codes: np.ndarray, truth: np.ndarray, confidence: float = 0.9, weight: np.ndarray | None = None
) -> BiasVariance:
    """Decompose the 0–1 loss (Domingos, "A unified bias-variance decomposition", 2000).

    The main prediction y_m is the mode of the networks; bias B = 1[y_m ≠ y]; variance V = P_j(f_j ≠ y_m).
    Where B = 0 variance adds V; where B = 1 it takes away P_j(f_j = y), which is V itself for two classes. So
    ``error = E[B] + E[(1−B)·V] − E[B·P_j(f_j = y)]``, exactly.

    Args:
      codes: (N, m) predicted classes of N networks, from 0; truth: (m,).
      confidence: of the intervals, over rows and networks.
      weight: (m,) with the mean 1: each row's share in all means; by default all count the same.
    """
    classes = int(max(codes.max(), truth.max())) + 1

    def parts(f: np.ndarray) -> dict[str, np.ndarray]:
        votes = np.stack([(f == k).mean(axis=0) for k in range(classes)])
        mode = votes.argmax(axis=0)
        bias = (mode != truth).astype(np.float64)
        variance = 1 - votes[mode, np.arange(len(truth))]
        right = votes[truth, np.arange(len(truth))]
        return {
            "error": 1 - right,
            "bias": bias,
            "variance": (1 - bias) * variance - bias * right,
            "unbiased": (1 - bias) * variance,
            "biased": bias * variance,
        }

    return _assembled("error", np.asarray(codes), parts, confidence, weight)


def _assembled(
    metric: Literal["error", "mse"],
    predictions: np.ndarray,
    parts: Callable[[np.ndarray], dict[str, np.ndarray]],
    confidence: float,
    weight: np.ndarray | None,
) -> BiasVariance:
    """Return each part's mean; its variance is that of the rows plus the jackknife's over networks."""
    from scipy.stats import norm  # start-up cost: training needs no statistics

    def shares(f: np.ndarray) -> dict[str, np.ndarray]:
        found = parts(f)
        return found if weight is None else {name: values * weight for name, values in found.items()}

    members, rows = predictions.shape
    whole = shares(predictions)
    without = [
        {name: values.mean() for name, values in shares(np.delete(predictions, j, axis=0)).items()}
        for j in range(members)
        if members > 2
    ]
    quantile = float(norm.ppf((1 + confidence) / 2))
    intervals: dict[str, Interval] = {}
    for name, values in whole.items():
        mean = float(values.mean())
        spread = values.var(ddof=1) / rows if rows > 1 else 0.0
        if without:
            left = np.array([means[name] for means in without])
            spread += (members - 1) / members * np.sum((left - left.mean()) ** 2)
        half = quantile * float(np.sqrt(spread))
        intervals[name] = Interval(mean - half, mean, mean + half, confidence)
    error, bias, variance = (intervals.pop(name) for name in ("error", "bias", "variance"))
    return BiasVariance(
        metric, members, rows, error, bias, variance, intervals.get("unbiased"), intervals.get("biased")
    )
