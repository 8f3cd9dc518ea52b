"""The work of a whole process: digits from a CSV file, 20 epochs of 64-128-64-10, accuracy on 15 %."""

import numpy as np

EPOCHS = 20
BATCH = 128
HIDDEN = (128, 64)
RATE = 1e-3


def standardized(path: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return train rows and labels, test rows and labels."""
    table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float32)
    np.random.default_rng(0).shuffle(table)
    held_out = int(0.15 * len(table))
    test, train = table[:held_out], table[held_out:]
    mean, scale = train[:, :-1].mean(axis=0), train[:, :-1].std(axis=0)
    scale[scale == 0] = 1
    (x, y), (x_test, y_test) = (
        ((part[:, :-1] - mean) / scale, part[:, -1].astype(np.int64)) for part in (train, test)
    )
    return x, y, x_test, y_test
