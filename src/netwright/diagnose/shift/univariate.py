"""One column at a time: Kolmogorov–Smirnov for numbers, chi-square for categories."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.diagnose.shift.columns import Pair

LEAST_EXPECTED = 5
"""Expected count of a cell below which chi-square is no longer chi-square distributed (Cochran, 1954)."""

SCHEMA = {
    "column": pl.String,
    "test": pl.String,
    "statistic": pl.Float64,
    "p": pl.Float64,
    "effect": pl.Float64,
    "mean_difference": pl.Float64,
}


def univariate(pairs: Sequence[Pair]) -> pl.DataFrame:
    """Return a row a column: column, test, statistic, p, effect, mean_difference.

    ``effect`` is between 0 and 1: the KS distance ``max |F_train − F_target|``, or Cramér's V of a category.
    ``mean_difference`` is (target mean − train mean) / pooled standard deviation; null for categories.
    """
    rows = [_numbers(pair) if pair.numeric else _levels(pair) for pair in pairs]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _numbers(pair: Pair) -> tuple[str, str, float, float, float, float | None]:
    from scipy.stats import ks_2samp  # start-up cost: training needs no statistics

    a, b = (values[~np.isnan(values)] for values in (pair.train, pair.target))
    if len(a) == 0 or len(b) == 0:
        return pair.name, "KS", 0.0, 1.0, 0.0, None
    exact = len(a) * len(b) <= 10_000
    found: Any = ks_2samp(a, b, method="exact" if exact else "asymp")
    distance = float(found.statistic)
    scale = float(np.sqrt((a.var() + b.var()) / 2))
    gap = float(b.mean() - a.mean())
    return pair.name, "KS", distance, float(found.pvalue), distance, gap / scale if scale else 0.0


def _levels(pair: Pair) -> tuple[str, str, float, float, float, None]:
    from scipy.stats import chi2_contingency  # start-up cost: training needs no statistics

    table = _pooled(contingency(pair.train, pair.target))
    if table.shape[1] < 2:
        return pair.name, "chi2", 0.0, 1.0, 0.0, None
    found: Any = chi2_contingency(table, correction=False)
    statistic = float(found.statistic)
    return pair.name, "chi2", statistic, float(found.pvalue), float(np.sqrt(statistic / table.sum())), None


def contingency(train: NDArray[np.integer], target: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the counts (2, levels) of each level in the two samples."""
    levels, places = np.unique(np.concatenate([train, target]), return_inverse=True)
    split = places[: len(train)], places[len(train) :]
    return np.stack([np.bincount(codes, minlength=len(levels)) for codes in split])


def _pooled(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join the levels whose expected count is too small into one; that one may join the rarest kept level."""
    expected = table.sum(axis=0) * table.sum(axis=1).min() / table.sum()
    rare = expected < LEAST_EXPECTED
    if not rare.any():
        return table
    kept, rest = table[:, ~rare], table[:, rare].sum(axis=1, keepdims=True)
    if expected[rare].sum() >= LEAST_EXPECTED or kept.shape[1] == 0:
        return np.concatenate([kept, rest], axis=1)
    kept[:, [kept.sum(axis=0).argmin()]] += rest
    return kept
