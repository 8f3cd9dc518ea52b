"""Transfer against training from scratch on the same rows."""

from pathlib import Path

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError

BERT = Path(__file__).parents[1] / "transfer" / "golden" / "bert"
WORDS = ("the", "words", "box", "and", "do", "as")


@pytest.fixture(scope="module")
def boxes():
    """Texts of six words, and whether "box" is among them."""
    generator = np.random.default_rng(0)
    X = [" ".join(generator.choice(WORDS, 6)) for _ in range(90)]
    return nw.Dataset.from_arrays(X, ["box" in text for text in X], name="boxes")


def test_both_ways_learn_from_as_many_rows(boxes):
    """AR-3: what fine-tuning gains, measured in pairs."""
    controls = nw.Controls(
        architecture=nw.Architecture(backbone=str(BERT), transfer="finetune"),
        optimization=nw.Optimization(epochs=2),
    )
    gain = nw.transfer.gain(boxes, controls, sizes=[20, 40], seeds=2)
    assert (gain.sizes, gain.transfer, gain.metric) == ((20, 40), "finetune", "error")
    assert [len(errors) for errors in (*gain.scratch, *gain.transferred)] == [2] * 4
    for place, interval in enumerate(gain.gains):
        assert interval.estimate == pytest.approx(
            np.mean(gain.scratch[place]) - np.mean(gain.transferred[place])
        )
        assert interval.low < interval.estimate < interval.high


def test_without_a_backbone_there_is_nothing_to_compare(boxes):
    with pytest.raises(ControlError, match="the controls name no backbone"):
        nw.transfer.gain(boxes, nw.Controls())


def test_sizes_are_within_the_rows(boxes):
    controls = nw.Controls(architecture=nw.Architecture(backbone=str(BERT)))
    with pytest.raises(
        ControlError, match=r"found sizes \[1000\] and 3 seeds; expected sizes from 4 to 63 training"
    ):
        nw.transfer.gain(boxes, controls, sizes=[1000])
