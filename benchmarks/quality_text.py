"""How well texts are learned: `nw.fit(ds)` beside TF-IDF with logistic regression, Keras and PyTorch."""

import os
from collections.abc import Callable
from typing import Any

from benchmarks._quality import SEEDS, compare, opened

SIDES = {
    "netwright": "texts_netwright",
    "TF-IDF + LR": "texts_sklearn",
    "Keras": "texts_keras",
    "PyTorch": "texts_pytorch",
}
AIMS = {"bbc_news": 0.96, "movie_snippets": 0.77}
TEST_FRACTION = 0.15


def main() -> None:
    """Every side gets the same training texts of five splits, and carves its validation texts from these."""
    seeds = int(os.environ.get("SEEDS", SEEDS))
    compare("quality_text", "Texts", SIDES, AIMS, seeds)


def open_side(side: str) -> Callable[..., dict[str, float]]:
    return opened(SIDES[side], _parts)


def _parts(dataset: str, seed: int) -> tuple[Any, Any, Any, Any]:
    import numpy as np
    from sklearn.model_selection import train_test_split

    import netwright as nw

    whole = nw.example(dataset)
    texts, labels = whole.features.content["text"].to_list(), whole.labels.labels(np.arange(len(whole)))
    x, x_test, y, y_test = train_test_split(
        texts, labels, test_size=TEST_FRACTION, stratify=labels, random_state=seed
    )
    return x, y, x_test, y_test
