"""How well sequences are learned: `nw.fit(ds)` beside logistic regression, Keras and PyTorch."""

import os
from collections.abc import Callable
from typing import Any

from benchmarks._quality import SEEDS, compare, opened

SIDES = {
    "netwright": "sequences_netwright",
    "scikit-learn LR": "sequences_sklearn",
    "Keras": "sequences_keras",
    "PyTorch": "sequences_pytorch",
}
AIMS = {"japanese_vowels": 0.97, "italy_power_demand": 0.95, "basic_motions": 0.95}


def main() -> None:
    """Training and test sequences are those of the archive; a seed draws weights, order and validation rows."""
    seeds = int(os.environ.get("SEEDS", SEEDS))
    compare("quality_sequences", "Sequences", SIDES, AIMS, seeds)


def open_side(side: str) -> Callable[..., dict[str, float]]:
    return opened(SIDES[side], _parts)


def _parts(dataset: str, seed: int) -> tuple[Any, Any, Any, Any]:
    import numpy as np

    import netwright as nw

    del seed
    whole = nw.example(dataset)
    test = whole.given["test"]
    train = np.setdiff1d(np.arange(len(whole)), test)
    parts = [(list(whole.features.take(rows)), whole.labels.labels(rows)) for rows in (train, test)]
    return (*parts[0], *parts[1])
