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
