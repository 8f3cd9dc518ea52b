"""The order of the rows in an epoch: a pure function of (seed, epoch), so a run resumes at any step."""

import numpy as np


def epoch_order(seed: int, epoch: int, rows: int, batch_size: int, *, shuffle: bool) -> np.ndarray:
    """Return the row numbers of an epoch, int32 (steps·B,): a permutation, padded with −1 to whole batches."""
    order = np.full(-(-rows // batch_size) * batch_size, -1, np.int32)
    if shuffle and batch_size < rows:
        generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence((seed, epoch))))
        # NumPy shuffles 64-bit integers, then copied to 32, faster than 32-bit ones.
        order[:rows] = generator.permutation(rows)
    else:
        order[:rows] = np.arange(rows, dtype=np.int32)
    return order
