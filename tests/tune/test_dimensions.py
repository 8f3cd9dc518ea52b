import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netwright as nw
from netwright.core.errors import ControlError
from netwright.tune.dimensions import of_fields, to_fields

SHARES = st.floats(0, 1)


@given(SHARES)
def test_a_range_on_a_logarithm_spreads_ratios_evenly(share):
    assert nw.Float(1e-4, 1e-1, log=True).at(share) == pytest.approx(1e-4 * 1000**share)


@given(SHARES, st.booleans())
def test_a_share_and_its_value_are_inverse(share, log):
    dimension = nw.Float(0.5, 20.0, log=log)
    assert dimension.share(dimension.at(share)) == pytest.approx(share, abs=1e-9)


@given(SHARES, st.integers(1, 50), st.integers(1, 50), st.booleans())
def test_integers_stay_within_their_bounds(share, low, width, log):
    dimension = nw.Int(low, low + width, log=log)
    value = dimension.at(share)
    assert type(value) is int
    assert low <= value <= low + width
    assert dimension.at(dimension.share(value)) == value


def test_integers_of_a_range_are_equally_likely():
    shares = (np.arange(6000) + 0.5) / 6000
    counts = np.unique([nw.Int(3, 8).at(share) for share in shares], return_counts=True)
    assert counts[0].tolist() == [3, 4, 5, 6, 7, 8]
    assert counts[1].tolist() == [1000] * 6


def test_choices_are_equally_likely_and_keep_their_types():
    choice = nw.Choice([[64], (128, 64), None, "relu", 3])
    stored = [choice.at((place + 0.5) / 5) for place in range(5)]
    assert stored == ["[64]", "[128, 64]", None, "relu", 3]
    assert [choice.value(each) for each in stored] == [(64,), (128, 64), None, "relu", 3]
    assert [choice.at(choice.share(each)) for each in stored] == stored


def test_levels_go_from_bound_to_bound():
    assert nw.Float(1e-3, 1e-1, log=True).levels(3) == pytest.approx([1e-3, 1e-2, 1e-1])
    assert nw.Int(1, 3).levels(5) == [1, 2, 3]
    assert nw.Float(0, 1).levels(1) == [0.5]
    assert nw.Choice(["a", "b"]).levels(1) == ["a", "b"]


def test_numbers_of_numpy_are_numbers():
    assert nw.Int(np.int64(2), np.int64(5)) == nw.Int(2, 5)
    assert nw.Choice([np.int64(2)]).stored == (2,)


@pytest.mark.parametrize(
    "dimension",
    [
        nw.Float(1e-4, 1e-1, log=True),
        nw.Int(1, 9, when=("optimization.rule", ("adam",))),
        nw.Choice([[64], [128, 64]], when=("architecture.kind", ("mlp", "cnn"))),
    ],
)
def test_json_round_trip(dimension):
    assert of_fields(to_fields(dimension)) == dimension


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nw.Float(1.0, 0.1), r"range 1\.0 … 0\.1, expected the lower bound first"),
        (lambda: nw.Float(0.1, 0.1), "always the same belongs into the controls"),
        (lambda: nw.Float(0, 1, log=True), "with log, which needs bounds above 0"),
        (lambda: nw.Float(-2, -1, log=True), "with log, which needs bounds above 0"),
        (lambda: nw.Float(0, float("inf")), "the bound inf, expected a finite number"),
        (lambda: nw.Float("a", 1), "the bound 'a', expected a finite number"),
        (lambda: nw.Int(0.5, 3), r"the bound 0\.5, expected an integer"),
        (lambda: nw.Choice([]), r"found \[\], expected a list of at least one value"),
        (lambda: nw.Choice("relu"), "found 'relu', expected a list"),
        (lambda: nw.Choice([1, 2, 1]), "found 1 twice"),
        (lambda: nw.Choice([object()]), "expected words, numbers, null, or lists"),
        (lambda: nw.Int(1, 3, when=("loss", [])), r"when loss: found \[\]"),
        (lambda: of_fields({"low": 1}), r"expected both 'low' and 'high'"),
        (lambda: of_fields({"low": 1, "high": 2, "values": [1]}), "expected 'low' and 'high'"),
        (lambda: of_fields({"low": 1, "high": 2, "step": 1}), r"found \['high', 'low', 'step'\]"),
        (lambda: of_fields({"values": [1], "when": ["loss"]}), "expected one name with its values"),
    ],
)
def test_what_is_not_possible_is_told(make, message):
    with pytest.raises(ControlError, match=message) as error:
        make()
    assert str(error.value).count("\n") <= 1
