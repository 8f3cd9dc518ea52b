"""Sequences for libraries that take one length: standardized, padded with 0 at the end."""

import numpy as np


class Padded:
    """What is learned of the training sequences: classes, length, and the scale of each channel."""

    def __init__(self, sequences, labels):
        self.classes, self.y = np.unique(labels, return_inverse=True)
        steps = np.concatenate(sequences)
        self.mean, self.scale = steps.mean(axis=0), steps.std(axis=0)
        self.length = max(len(one) for one in sequences)

    def encode(self, sequences):
        """Return (m, T, C) and how many steps of each are real."""
        out = np.zeros((len(sequences), self.length, len(self.mean)), np.float32)
        for row, one in enumerate(sequences):
            one = one[: self.length]
            out[row, : len(one)] = (one - self.mean) / self.scale
        return out, np.array([min(len(one), self.length) for one in sequences])
