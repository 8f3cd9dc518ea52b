"""A sequence as a small picture: each channel a line over the steps."""

import numpy as np

HEIGHT, WIDTH = 48, 64


def drawn(steps: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return a picture (48, 64) of a sequence (T, C), 1 on lines and 0 elsewhere; missing numbers leave no line.

    Args:
      steps: the numbers.
      low, high: (C,) what lies at the bottom and at the top, for each channel.
    """
    picture = np.zeros((HEIGHT, WIDTH))
    places = np.linspace(0, len(steps) - 1, WIDTH)
    for channel, bottom, top in zip(steps.T.astype(np.float64), low, high, strict=True):
        heights = np.interp(places, np.arange(len(steps)), channel)
        share = np.clip((heights - bottom) / ((top - bottom) or 1.0), 0, 1)
        seen = np.isfinite(share)
        rows = np.round((1 - np.where(seen, share, 0)) * (HEIGHT - 1)).astype(int)
        for column in np.flatnonzero(seen).tolist():
            before = rows[column - 1] if column and seen[column - 1] else rows[column]
            first, last = sorted((before, rows[column]))
            picture[first : last + 1, column] = 1
    return picture
