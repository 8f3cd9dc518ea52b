"""Subsets and resamples of the training rows, as places within them."""

import numpy as np

from netwright.data.prepared import Prepared


def random_subset(prepared: Prepared, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``size`` places without repeats; classes keep their shares."""
    codes = strata(prepared)
    order = rng.permutation(len(codes))
    by_class = order[np.argsort(codes[order], kind="stable")]
    counts = np.bincount(codes)
    within = np.concatenate([np.arange(count) for count in counts])
    # The r-th row of a class of c comes at (r + u)/c: every beginning of this order has the shares of the whole.
    offset = rng.random(len(counts))
    place = (within + np.repeat(offset, counts)) / np.repeat(np.maximum(counts, 1), counts)
    return by_class[np.argsort(place, kind="stable")[:size]]


def bootstrap(prepared: Prepared, rng: np.random.Generator) -> np.ndarray:
    """Return as many places as there are training rows, drawn with replacement."""
    rows = len(prepared.train)
    return rng.integers(0, rows, rows)


def strata(prepared: Prepared) -> np.ndarray:
    """Return the class of each training row, or 0 for all of a regression."""
    if prepared.task == "regression":
        return np.zeros(len(prepared.train), np.int64)
    return prepared.train.y.astype(np.int64)
