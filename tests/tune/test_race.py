"""Races: who stays is who is best at the rung, what stays goes on as if never stopped, and nothing is compiled."""

import numpy as np
import pytest

import netwright as nw
from netwright.tune.race import Race
from netwright.tune.runner import Runner
from netwright.tune.search._search import Bracket
from netwright.tune.trials import Asked, seed_of
from netwright.tune.width import MOST, width_of, width_of_race

TWO = [Bracket(((9, 1), (3, 3), (1, 6))), Bracket(((4, 3), (2, 6)))]
"""As Hyperband has them: the second begins to cull where the first does for the second time."""


@pytest.fixture(scope="module")
def noisy() -> nw.Dataset:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(300, 6)).astype(np.float32)
    y = (X[:, 0] + generator.normal(size=300) > 0).astype(np.int64)
    return nw.Dataset.from_arrays(X, y, name="noisy")


def asked_of(seed, structures=1):
    """Return 13 trials of rates from hopeless to good."""
    base = nw.Controls(
        architecture=nw.Architecture(hidden=(8,)),
        optimization=nw.Optimization(batch_size=32, epochs=6),
        regularization=nw.Regularization(dropout=0.1),
        data=nw.DataControls(dev_fraction=0.4, test_fraction=0.1),
    )
    rates = 10 ** np.random.default_rng(seed).uniform(-5, -1, 13)
    each = [base.replace(optimization=base.optimization.replace(learning_rate=rate)) for rate in rates]
    widths = [(8,), (6,)][:structures]
    architecture = [base.architecture.replace(hidden=widths[n % structures]) for n in range(13)]
    return [Asked(n, each[n].replace(architecture=architecture[n]), seed_of(seed, n)) for n in range(13)]


class Heard:
    """A race that is over, or was stopped after ``levels``."""

    def __init__(self, ds, asked, cv=None, levels=99, at_level=lambda: None):
        self.told, self.rungs, self.runner = {}, {}, Runner(ds, cv, 0)

        def go_on():
            nonlocal levels
            at_level()
            levels -= 1
            return levels > 0

        Race(self.runner, asked, TWO, self._report, self._tell).run(go_on)

    def _report(self, number, epochs, value):
        assert epochs not in self.rungs.setdefault(number, {})
        self.rungs[number][epochs] = value

    def _tell(self, outcome):
        assert outcome.number not in self.told
        self.told[outcome.number] = outcome

    @property
    def table(self):
        return {n: (each.state, each.value, each.attributes["rung"]) for n, each in self.told.items()}


@pytest.fixture(scope="module")
def race(noisy):
    return Heard(noisy, asked_of(0))


def test_the_best_third_goes_on_at_every_rung(race):
    """RF-4: successive halving and Hyperband; against the rule worked out from the values reported."""
    first, second = list(range(9)), list(range(9, 13))

    def best(numbers, epochs, count):
        return sorted(sorted(numbers, key=lambda n: (race.rungs[n][epochs], n))[:count])

    three, two = best(first, 1, 3), best(second, 3, 2)
    one = best(three, 3, 1)
    expected = dict.fromkeys(first, ("pruned", 1)) | dict.fromkeys(three, ("pruned", 3))
    expected |= dict.fromkeys(second, ("pruned", 3)) | dict.fromkeys([*one, *two], ("complete", 6))
    assert {n: (state, rung) for n, (state, _, rung) in race.table.items()} == expected
    for number, outcome in race.told.items():
        assert outcome.value == race.rungs[number][expected[number][1]]
        assert outcome.attributes["epochs"] == expected[number][1]
        assert len(outcome.attributes["curve"]) == expected[number][1]
    assert {len({*race.rungs[n]}) for n in one} == {3}
    number, run = race.runner.best
    assert race.told[number].value == min(
        each.value for each in race.told.values() if each.state == "complete"
    )
    assert run.history.height == 6


def test_those_that_stay_are_the_trainings_never_stopped(race, noisy):
    done = {n: each for n, each in race.told.items() if each.state == "complete"}
    for one in asked_of(0):
        if one.number in done:
            run = nw.fit(noisy, one.controls, seed=one.seed, progress=False)
            np.testing.assert_allclose(
                done[one.number].attributes["curve"], 1 - run.history["dev_accuracy"].to_numpy(), atol=1e-6
            )


def test_rungs_compile_nothing(race, noisy, compilations):
    """Not after the first level of the first race of a structure, but for what takes the best network out of its
    population; and not in a race of other points.
    """
    counts = []
    assert compilations.during(lambda: Heard(noisy, asked_of(1))) == 0
    other = [
        Asked(one.number, one.controls.with_setting("architecture.hidden=[5]"), one.seed)
        for one in asked_of(0)
    ]
    Heard(noisy, other, at_level=lambda: counts.append(compilations.count))
    assert counts == [counts[0]] * 2
    assert compilations.count == counts[0] + 1


@pytest.mark.parametrize("levels", [1, 2])
def test_a_race_stopped_between_levels_ends_as_if_it_had_not_been(levels, race, noisy):
    """Survivors' weights are lost, so those train anew; what is over is not told of again."""
    first = Heard(noisy, asked_of(0), levels=levels)
    again = [
        Asked(one.number, one.controls, one.seed, first.rungs.get(one.number, {}), one.number in first.told)
        for one in asked_of(0)
    ]
    second = Heard(noisy, again)
    assert first.table | second.table == race.table
    assert not set(first.told) & set(second.told)


def test_structures_and_folds_race_against_each_other(noisy):
    both = Heard(noisy, asked_of(0, structures=2), cv=2)
    states = [state for state, _, _ in both.table.values()]
    assert (states.count("complete"), states.count("pruned")) == (3, 10)
    assert all(len(each.attributes["folds"]) == 2 for each in both.told.values())
    assert both.runner.best is None


def test_who_diverges_leaves_and_its_place_is_not_filled(noisy):
    asked = asked_of(0)
    wild = asked[0].controls.with_setting("optimization.learning_rate=1e30")
    found = Heard(noisy, [Asked(0, wild, 1), *asked[1:]])
    assert found.told[0].state == "fail"
    assert "ceased to be finite" in found.told[0].reason
    assert sum(each.state == "complete" for each in found.told.values()) == 3


def test_widths_are_few_and_waste_little():
    assert [width_of(n) for n in (1, 5, 9, 16, 33, 64, 500)] == [1, 6, 12, 16, 48, 64, MOST]
    assert len({width_of(n) for n in range(1, 500)}) == 12
    # 64 trials, 21 and 7 and 2 of them three times as long each: one width for all of them.
    assert width_of_race([(64, 1), (21, 2), (7, 6), (2, 18)]) == 8
    assert width_of_race([(16, 30)]) == 16
