import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.tune.search.grid import count, grid_points


def test_ranges_have_the_levels_that_fit_and_vary_first():
    space = nw.Space(
        {
            "optimization.learning_rate": nw.Float(1e-3, 1e-1, log=True),
            "regularization.dropout": nw.Float(0, 0.5),
            "optimization.rule": nw.Choice(["sgd", "adam"]),
        }
    )
    points = grid_points(space, 14)
    assert len(points) == 12 == count(space, 14)
    rates = [point["optimization.learning_rate"] for point in points[:6]]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-2, 1e-2, 1e-1, 1e-1])
    assert [point["regularization.dropout"] for point in points[:6]] == [0, 0.5] * 3
    assert [point["optimization.rule"] for point in points] == ["sgd"] * 6 + ["adam"] * 6


def test_integers_end_when_all_are_there():
    assert count(nw.Space({"architecture.kernel_size": nw.Int(2, 5)}), 100) == 4


def test_points_that_a_condition_makes_equal_are_one():
    space = nw.Space(
        {
            "optimization.rule": nw.Choice(["sgd", "adam"]),
            "optimization.options.beta1": nw.Float(0.8, 0.9, when=("optimization.rule", ["adam"])),
        }
    )
    assert grid_points(space, 4) == [
        {"optimization.rule": "sgd"},
        {"optimization.rule": "adam", "optimization.options.beta1": 0.8},
        {"optimization.rule": "adam", "optimization.options.beta1": pytest.approx(0.85)},
        {"optimization.rule": "adam", "optimization.options.beta1": 0.9},
    ]


def test_a_grid_that_does_not_fit_is_told():
    space = nw.Space({"loss": nw.Choice(["bce", "hinge"]), "regularization.dropout": nw.Float(0, 0.5)})
    with pytest.raises(ControlError, match="grid: found 3 trials, expected at least 4"):
        grid_points(space, 3)
