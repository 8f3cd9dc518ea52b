"""Intervals: an estimate with the ends between which the truth lies at a stated confidence."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Interval:
    """An estimate and its ends; None where an end is not known.

    Attributes:
      low, high: the ends, in the unit of the estimate.
      estimate: the best single number, or None.
      confidence: how often such an interval holds the truth, e.g. 0.9.
    """

    low: float | None
    estimate: float | None
    high: float | None
    confidence: float = 0.9

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of 0."""
        return (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0)

    def above(self, other: "Interval") -> bool:
        """Whether all of this interval lies above all of the other."""
        return self.low is not None and other.high is not None and self.low > other.high

    def minus(self, other: "Interval") -> "Interval":
        """Return the interval of the difference: true whenever both are, however they depend on each other."""
        estimate = None if self.estimate is None or other.estimate is None else self.estimate - other.estimate
        low = None if self.low is None or other.high is None else self.low - other.high
        high = None if self.high is None or other.low is None else self.high - other.low
        return Interval(low, estimate, high, self.confidence)

    def at_least(self, floor: float) -> "Interval":
        """Return the interval of a number known to be at least ``floor``."""
        low, estimate, high = (
            None if end is None else max(floor, end) for end in (self.low, self.estimate, self.high)
        )
        return Interval(floor if low is None else low, estimate, high, self.confidence)

    def __str__(self) -> str:
        shown = "?" if self.estimate is None else f"{self.estimate:.4g}"
        low, high = ("?" if end is None else f"{end:.4g}" for end in (self.low, self.high))
        return f"{shown} [{low}, {high}]"


def of_proportion(wrong: float, total: int, confidence: float = 0.9) -> Interval:
    """Return the Clopper–Pearson interval of a share ``wrong / total`` (Clopper and Pearson, 1934)."""
    from scipy.stats import beta  # start-up cost: training needs no statistics

    tail = (1 - confidence) / 2
    low = 0.0 if wrong == 0 else float(beta.ppf(tail, wrong, total - wrong + 1))
    high = 1.0 if wrong == total else float(beta.ppf(1 - tail, wrong + 1, total - wrong))
    return Interval(low, wrong / total, high, confidence)


def of_mean(values: np.ndarray, confidence: float = 0.9) -> Interval:
    """Return Student's t interval of the mean of independent values (n,); without ends for fewer than two."""
    from scipy.stats import t  # start-up cost: training needs no statistics

    values = np.asarray(values, np.float64)
    mean = float(values.mean())
    if len(values) < 2:
        return Interval(None, mean, None, confidence)
    half = float(t.ppf((1 + confidence) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return Interval(mean - half, mean, mean + half, confidence)


def of_paired(differences: np.ndarray, confidence: float = 0.9) -> Interval:
    """Return the interval of the mean of paired differences of errors (m,): Student's t.

    Where no row changes the ends are what that many unchanged rows allow, not the point 0.
    """
    if not np.any(differences):
        limit = unchanged_limit(len(differences), confidence)
        return Interval(-limit, 0.0, limit, confidence)
    return of_mean(differences, confidence)


def unchanged_limit(rows: int, confidence: float = 0.9) -> float:
    """Return the largest share of rows that may change for better (or worse) though none of ``rows`` did: exact."""
    return 1.0 - ((1 - confidence) / 2) ** (1 / rows)


def of_values(values: np.ndarray, confidence: float = 0.9) -> Interval:
    """Return the interval of the mean of per-row errors (m,): exact for 0 and 1, Student's t otherwise."""
    values = np.asarray(values, np.float64)
    if _is_binary(values):
        return of_proportion(float(values.sum()), len(values), confidence)
    return of_mean(values, confidence)


def of_difference(first: np.ndarray, second: np.ndarray, confidence: float = 0.9) -> Interval:
    """Return the interval of mean(first) − mean(second) of independent rows.

    For errors of 0 and 1 a success and a failure are added to each (Agresti and Caffo, 2000), so that no error at
    all still has an interval; otherwise Welch's t.
    """
    from scipy.stats import norm, t  # start-up cost: training needs no statistics

    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    difference = float(first.mean() - second.mean())
    if _is_binary(first) and _is_binary(second):
        shares = [((v.sum() + 1) / (len(v) + 2), len(v) + 2) for v in (first, second)]
        centre = float(shares[0][0] - shares[1][0])
        spread = float(np.sqrt(sum(p * (1 - p) / n for p, n in shares)))
        half = float(norm.ppf((1 + confidence) / 2)) * spread
        return Interval(
            min(centre - half, difference), difference, max(centre + half, difference), confidence
        )
    variances = [v.var(ddof=1) / len(v) if len(v) > 1 else np.nan for v in (first, second)]
    total = sum(variances)
    if not np.isfinite(total):
        return Interval(None, difference, None, confidence)
    if total == 0:
        return Interval(difference, difference, difference, confidence)
    parts = sum(v**2 / (len(x) - 1) for v, x in zip(variances, (first, second), strict=True))
    half = float(t.ppf((1 + confidence) / 2, total**2 / parts) * np.sqrt(total))
    return Interval(difference - half, difference, difference + half, confidence)


def of_draws(estimate: float, draws: np.ndarray, confidence: float = 0.9) -> Interval:
    """Return the percentile interval of bootstrap draws (B,) around an estimate (Efron, 1979)."""
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(min(float(low), estimate), estimate, max(float(high), estimate), confidence)


def _is_binary(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())
