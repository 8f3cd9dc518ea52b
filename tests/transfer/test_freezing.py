import math

import pytest

import netwright as nw
from netwright.core.errors import ControlError


def test_freezing_and_unfreezing_are_controls():
    controls = nw.transfer.freeze(nw.Controls(), "body", "*.mean")
    assert controls.optimization.freeze == ("body", "*.mean")
    assert nw.transfer.unfreeze(controls, "body.top").optimization.freeze == ("body", "*.mean", "!body.top")
    later = nw.transfer.unfreeze(controls, "body.top", "body.blocks.1", at=0, every=2).optimization
    assert later.freeze[2:] == ("!body.top", "!body.blocks.1")
    assert later.unfreeze == {"body.blocks.1": 2}
    assert nw.Controls.from_json(controls.to_json()) == controls


def test_rates_fall_towards_the_input():
    """AR-3: discriminative rates."""
    rates = nw.transfer.discriminative_rates(("stem.*", "blocks.0.*", "blocks.1.*"), top=0.5, decay=0.1)
    assert rates == pytest.approx({"blocks.1.*": 0.5, "blocks.0.*": 0.05, "stem.*": 0.005})


@pytest.mark.parametrize("numbers", [{"top": 0}, {"decay": -1.0}, {"top": math.nan}, {"decay": math.nan}])
def test_factors_are_above_zero(numbers):
    with pytest.raises(ControlError, match="expected numbers above 0"):
        nw.transfer.discriminative_rates(("stem",), **numbers)


def test_groups_are_several_patterns():
    with pytest.raises(ControlError, match=r"found 'body.blocks', expected several patterns"):
        nw.transfer.discriminative_rates("body.blocks")


@pytest.mark.parametrize("epochs", [{"at": -1}, {"every": -0.5}, {"at": math.nan}])
def test_an_epoch_is_not_negative(epochs):
    with pytest.raises(ControlError, match="expected epochs of at least 0"):
        nw.transfer.unfreeze(nw.Controls(), "body", **epochs)
