"""Shares of rows with their intervals."""

from scipy.stats import binomtest

from netwright.diagnose.interval import Interval


def wilson(wrong: int, total: int, confidence: float = 0.9) -> Interval:
    """Return the Wilson (1927) interval of ``wrong / total``, which suits small counts near 0."""
    ends = binomtest(wrong, total).proportion_ci(confidence, method="wilson")
    return Interval(max(0.0, float(ends.low)), wrong / total, min(1.0, float(ends.high)), confidence)
