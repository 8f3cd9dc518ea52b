"""Paired differences: what a change does to an error, with the noise of seeds and that of rows both counted."""

from dataclasses import dataclass

import numpy as np

from netwright.diagnose.interval import Interval, unchanged_limit


@dataclass(frozen=True)
class Change:
    """A difference of errors, new minus old.

    Attributes:
      interval: of the difference.
      p_lower: the probability that the difference is below 0, under a flat prior.
    """

    interval: Interval
    p_lower: float

    @property
    def clear(self) -> bool:
        """Whether the whole interval lies on one side of 0."""
        return self.interval.excludes_zero


def change(*tables: np.ndarray, confidence: float = 0.9) -> Change:
    """Return the sum of the tables' means with its interval.

    A table (seeds, rows) holds, for every pair of trainings and every row, the row's error after the change minus
    before. Its mean has variance σ²_seed/S + σ²_row/R + σ²_rest/(S·R): pairs share their seed and all pairs share
    the rows, so neither more seeds alone nor more rows alone take the doubt away. The parts are estimated by the
    two-way analysis of variance without replication, and Student's t has Satterthwaite's (1946) degrees of
    freedom. Several tables must share their seeds; their rows are independent (train and dev). Where no row
    changes under any seed, the ends are those that so many unchanged rows allow. A single row does not tell how rows
    differ: the interval then has no ends.
    """
    from scipy.stats import t  # start-up cost: training needs no statistics

    tables = tuple(np.asarray(table, np.float64) for table in tables)
    seeds = len(tables[0])
    estimate = sum(float(table.mean()) for table in tables)
    if min(table.shape[1] for table in tables) < 2:
        return Change(Interval(None, estimate, None, confidence), 0.5)
    by_seed = np.sum([table.mean(axis=1) for table in tables], axis=0)
    parts = [(float(by_seed.var(ddof=1)) / seeds, seeds - 1)] if seeds > 1 else []
    parts += [
        (float(table.mean(axis=0).var(ddof=1)) / table.shape[1], table.shape[1] - 1) for table in tables
    ]
    # The rest is in the seeds' part and in the rows' part: once too often.
    total = max(sum(part for part, _ in parts) - sum(map(_rest, tables)), max(part for part, _ in parts))
    if total <= 0:
        if estimate != 0:
            return Change(Interval(estimate, estimate, estimate, confidence), float(estimate < 0))
        limit = sum(unchanged_limit(table.shape[1], confidence) for table in tables)
        return Change(Interval(-limit, 0.0, limit, confidence), 0.5)
    freedom = total**2 / sum(part**2 / free for part, free in parts)
    half = float(t.ppf((1 + confidence) / 2, freedom) * total**0.5)
    interval = Interval(estimate - half, estimate, estimate + half, confidence)
    return Change(interval, float(t.cdf(-estimate / total**0.5, freedom)))


def _rest(table: np.ndarray) -> float:
    """Return σ²_rest/(S·R) of a table, 0 for a single seed, where it cannot be told from the rows' part."""
    seeds, rows = table.shape
    if seeds < 2:
        return 0.0
    residual = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    return float((residual**2).sum()) / ((seeds - 1) * (rows - 1)) / table.size
