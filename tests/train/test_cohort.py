"""Cohorts: some members trained, some epochs at a time; what goes on is what was never stopped."""

import numpy as np
import pytest

from netwright.train.cohort import Cohort
from netwright.train.population import train_members

SEEDS = [1, 2, 3, 4]


@pytest.fixture(scope="module")
def cohort(blobs, controls):
    each = [controls.with_setting(f"optimization.learning_rate={rate}") for rate in (0.02, 0.01, 0.05, 0.03)]
    return Cohort(blobs, each, seeds=SEEDS)


@pytest.fixture(scope="module")
def whole(cohort):
    return train_members(cohort, range(4))


def test_members_that_go_on_end_bit_for_bit_as_if_never_stopped(cohort, whole, identical):
    """Also among other members, in other places, and padded by one that is there twice."""
    states = train_members(cohort, range(4), epochs=2).states()
    assert [state.epoch for state in states] == [2] * 4
    places = [3, 1, 1, 0]
    further = train_members(cohort, places, states=[states[place] for place in places])
    for member, place in enumerate(places):
        one, expected = further[member], whole[place]
        assert one.seed == SEEDS[place]
        assert one.controls == expected.controls
        identical(one, expected)


def test_going_on_compiles_nothing(cohort, whole, compilations):
    def rungs():
        states = train_members(cohort, range(4), epochs=1).states()
        kept = train_members(
            cohort, [2, 0, 2, 2], states=[states[i] for i in (2, 0, 2, 2)], epochs=3
        ).states()
        train_members(cohort, [2, 2, 2, 2], states=[kept[0]] * 4)

    assert compilations.during(rungs) == 0


def test_schedules_run_over_the_whole_training_wherever_it_pauses(cohort, whole):
    paused = train_members(cohort, range(4), epochs=2)
    np.testing.assert_array_equal(
        paused[2].history["learning_rate"], whole[2].history["learning_rate"][:2].to_numpy()
    )
