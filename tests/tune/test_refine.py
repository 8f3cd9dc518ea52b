import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError

SPACE = nw.Space(
    {
        "optimization.learning_rate": nw.Float(1e-4, 1, log=True),
        "architecture.kernel_size": nw.Int(1, 100),
        "optimization.rule": nw.Choice(["sgd", "momentum", "adam"]),
        "optimization.options.beta1": nw.Float(0.5, 0.9, when=("optimization.rule", ["adam"])),
        "optimization.options.beta": nw.Float(0.5, 0.9, when=("optimization.rule", ["momentum"])),
    }
)


def point(rate, size, rule, **options):
    point = {"optimization.learning_rate": rate, "architecture.kernel_size": size, "optimization.rule": rule}
    return point | {f"optimization.options.{name}": value for name, value in options.items()}


POINTS = [
    point(1e-3, 40, "adam", beta1=0.7),
    point(1e-2, 60, "adam", beta1=0.8),
    point(1e-1, 50, "sgd"),
    *[point(1e-4, 1, "momentum", beta=0.6)] * 9,
]
VALUES = [0.1, 0.2, 0.3, *[0.9] * 7, float("nan"), float("inf")]


def test_the_space_shrinks_to_the_best_and_half_open_margins():
    # 3 of the 10 finite ones are the best; their mean distance is added on each side: one decade, ten integers.
    smaller = nw.Space.refined(SPACE, POINTS, VALUES, keep=0.3).dimensions
    rate = smaller["optimization.learning_rate"]
    assert (rate.low, rate.high, rate.log) == (pytest.approx(1e-4), pytest.approx(1.0), True)
    assert smaller["architecture.kernel_size"] == nw.Int(30, 70)
    assert smaller["optimization.rule"] == nw.Choice(["sgd", "adam"])
    assert smaller["optimization.options.beta1"].when == ("optimization.rule", ("adam",))
    assert "optimization.options.beta" not in smaller


def test_refining_never_grows_a_range_and_gets_ever_closer():
    space = nw.Space({"optimization.learning_rate": nw.Float(1e-5, 1, log=True)})
    generator = np.random.default_rng(0)
    for _ in range(4):
        before = space.dimensions["optimization.learning_rate"]
        rates = [before.at(share) for share in generator.random(40)]
        values = [abs(np.log(rate / 1e-3)) for rate in rates]
        space = space.refined([{"optimization.learning_rate": rate} for rate in rates], values)
        after = space.dimensions["optimization.learning_rate"]
        assert before.low <= after.low < 1e-3 < after.high <= before.high
        assert after.high / after.low < before.high / before.low
    assert after.high / after.low < 1.3


def test_one_best_point_keeps_a_range_around_it():
    smaller = SPACE.refined(POINTS, VALUES, keep=0.01).dimensions
    assert smaller["architecture.kernel_size"].low < 40 < smaller["architecture.kernel_size"].high
    assert smaller["optimization.rule"] == nw.Choice(["adam"])


def test_integers_at_an_edge_keep_two():
    space = nw.Space({"architecture.kernel_size": nw.Int(1, 3)})
    best = space.refined([{"architecture.kernel_size": 1}] * 4, [0.0] * 4, keep=1.0)
    assert best.dimensions["architecture.kernel_size"] == nw.Int(1, 2)


@pytest.mark.parametrize(
    ("values", "keep", "message"),
    [([float("nan")] * 12, 0.5, "no trial has a finite value"), (VALUES, 0.0, "found keep=0")],
)
def test_what_cannot_be_refined_is_told(values, keep, message):
    with pytest.raises(ControlError, match=message):
        SPACE.refined(POINTS, values, keep)
