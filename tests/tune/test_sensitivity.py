"""Importances and profiles against what the objective is made of."""

import numpy as np
import pytest

from netwright.tune.dimensions import Choice, Float, Int
from netwright.tune.sensitivity import sensitivity
from netwright.tune.space import Space

SPACE = Space(
    {
        "optimization.learning_rate": Float(1e-4, 1.0, log=True),
        "optimization.rule": Choice(["sgd", "adam"]),
        "optimization.batch_size": Int(16, 256, log=True),
        "optimization.options.beta1": Float(0.0, 0.9, when=("optimization.rule", ("adam",))),
    }
)


def drawn(count=200, seed=0):
    """Points of the space by chance."""
    draw = np.random.default_rng(seed)
    return [
        {
            "optimization.learning_rate": 10 ** draw.uniform(-4, 0),
            "optimization.rule": (rule := str(draw.choice(["sgd", "adam"]))),
            "optimization.batch_size": int(2 ** draw.uniform(4, 8)),
        }
        | ({"optimization.options.beta1": draw.uniform(0, 0.9)} if rule == "adam" else {})
        for _ in range(count)
    ]


def rates(points):
    """Places of the rates within their range, from −1 to 1."""
    return np.log10([point["optimization.learning_rate"] for point in points]) / 2 + 1


def sgd(points):
    """1 where the rule is sgd."""
    return np.array([float(point["optimization.rule"] == "sgd") for point in points])


@pytest.fixture(scope="module")
def additive():
    """The error is u² + 0.3·[sgd], where u in (−1, 1) is the rate's place: 4/45 and 0.0225 of variance."""
    points = drawn()
    return sensitivity(points, rates(points) ** 2 + 0.3 * sgd(points), SPACE)


def test_importances_are_the_shares_of_the_variance(additive):
    """The truth in closed form: Var(u²) = 4/45, Var(0.3·coin) = 0.0225."""
    rate, rule = 4 / 45, 0.0225
    found = additive.importances
    assert list(found)[:2] == ["optimization.learning_rate", "optimization.rule"]
    assert found["optimization.learning_rate"] == pytest.approx(rate / (rate + rule), abs=0.08)
    assert found["optimization.rule"] == pytest.approx(rule / (rate + rule), abs=0.08)
    assert found["optimization.batch_size"] < 0.03
    assert found["optimization.options.beta1"] < 0.03
    assert 0 <= additive.interactions < 0.1


def test_profiles_follow_the_error(additive):
    """Averaged over the rest, the error along the rate is u² + 0.15, and the rules lie 0.3 apart."""
    profile = additive.profiles["optimization.learning_rate"]
    u = np.log10(profile.points) / 2 + 1
    inside = np.abs(u) < 0.9
    truth = u**2 + 0.15
    assert np.abs(np.array(profile.middle) - truth)[inside].max() < 0.08
    assert all(
        low <= middle <= high
        for low, middle, high in zip(profile.low, profile.middle, profile.high, strict=True)
    )
    rules = additive.profiles["optimization.rule"]
    apart = dict(zip(rules.points, rules.middle, strict=True))
    assert apart["sgd"] - apart["adam"] == pytest.approx(0.3, abs=0.04)


def test_an_interaction_is_no_hyperparameter_s_own():
    """The sign of one decides the slope of the other: neither explains anything alone."""
    points = drawn()
    found = sensitivity(points, rates(points) * (2 * sgd(points) - 1), SPACE)
    assert found.interactions > 0.6
    assert max(found.importances.values()) < 0.25


def test_a_conditional_one_matters_only_where_it_exists():
    points = drawn()
    beta = np.array([point.get("optimization.options.beta1", 0.45) for point in points])
    found = sensitivity(points, np.abs(beta - 0.45), SPACE)
    assert 0.35 < found.importances["optimization.options.beta1"] < 0.65, "half of the trials have it"
    profile = found.profiles["optimization.options.beta1"]
    assert profile.middle[np.argmin(np.abs(np.array(profile.points) - 0.45))] < 0.1
    assert min(profile.middle[0], profile.middle[-1]) > 0.3


def test_a_few_diverged_trials_do_not_drown_the_rest():
    points = drawn()
    values = rates(points) ** 2
    values[::100] = 1e9
    found = sensitivity(points, values, SPACE)
    assert found.importances["optimization.learning_rate"] > 0.7
    assert max(found.profiles["optimization.learning_rate"].high) < 3


def test_failed_trials_are_left_out_and_too_few_tell_nothing():
    points = drawn(12)
    values = np.arange(12.0)
    values[5:] = np.nan
    found = sensitivity(points, values, SPACE)
    assert (found.importances, found.profiles, found.trials) == ({}, {}, 5)
    flat = sensitivity(drawn(12), np.ones(12), SPACE)
    assert set(flat.importances.values()) == {0.0}


def test_it_repeats():
    given = drawn(40), np.random.default_rng(1).random(40), SPACE
    assert sensitivity(*given).to_json() == sensitivity(*given).to_json()
