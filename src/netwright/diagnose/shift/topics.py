"""Texts as numbers: how strongly each follows the directions in which the words of all texts vary most."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOPICS = 20
"""Directions that are kept; each is a column to test, and more tests find less."""
NAMED = 3
"""Words that name a direction."""
LEAST_TEXTS = 2
"""Texts that a word stands in, to count: a word of one text alone tells nothing of others."""


def topics(texts: Sequence[str]) -> list[tuple[str, NDArray[np.float64]]]:
    """Return directions of words: the words that name each, and its strength (n,) in each text.

    Latent semantic analysis: the strongest singular directions of the texts' counts of words, logarithmic and weighted
    by inverse document frequency, each text of length 1. None where no word stands in two texts.

    Reference: Deerwester et al. (1990), "Indexing by latent semantic analysis".
    """
    from sklearn.decomposition import TruncatedSVD  # start-up cost: tables need none of it
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(min_df=LEAST_TEXTS, sublinear_tf=True)
    try:
        found = counter.fit_transform(texts)
    except ValueError:  # scikit-learn's answer where no word is left
        return []
    directions: Any = TruncatedSVD(min(TOPICS, found.shape[1], len(texts) - 1), random_state=0)
    strengths = directions.fit_transform(found)
    words = counter.get_feature_names_out()
    places = np.argsort(-np.abs(directions.components_), axis=1)[:, :NAMED]
    return [(", ".join(words[place]), strengths[:, i]) for i, place in enumerate(places)]
