"""Texts as numbers with distances: codes of words have none."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from netwright.core.layout import Layout

TOPICS = 50
"""Directions in which the counts of words are kept; the neighbours of more are all equally far."""


def with_distances(layout: Layout, x: np.ndarray) -> np.ndarray:
    """Return encoded examples x (m, …) as numbers (m, d) whose distances mean something.

    A text becomes the logarithms of its counts of words, in their ``TOPICS`` strongest directions (latent semantic
    analysis: Deerwester et al. 1990). Everything else stays as it is, one row an example.
    """
    if layout.kind == "text":
        return _topics(x, layout.vocabulary)
    if layout.kind != "several":
        return x.reshape(len(x), -1)
    ends = np.cumsum([part.size for part in layout.parts])[:-1]
    parts = zip(layout.parts, np.split(x, ends, axis=1), strict=True)
    return np.hstack([with_distances(part, values.reshape(-1, *part.shape)) for part, values in parts])


def _topics(codes: np.ndarray, vocabulary: int) -> np.ndarray:
    rows, _ = np.nonzero(codes)
    words = codes[codes > 0].astype(np.int64)
    counts: Any = sparse.csr_matrix((np.ones(len(words)), (rows, words)), (len(codes), vocabulary))
    topics = min(TOPICS, vocabulary - 1, len(codes) - 1)
    found = TruncatedSVD(topics, random_state=0).fit_transform(counts.log1p())
    return found.astype(np.float32)
