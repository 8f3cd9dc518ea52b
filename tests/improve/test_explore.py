"""Children: of one structure, near their parent, others in every round, the same under a seed."""

import numpy as np
import pytest

import netwright as nw
from netwright.improve.explore import CHILDREN, MOST_DROPOUT, children
from netwright.measure.trial import structure

PARENT = nw.Controls(
    architecture=nw.Architecture(hidden=(16,)),
    optimization=nw.Optimization(epochs=80, batch_size=32, learning_rate=0.03),
    regularization=nw.Regularization(dropout=0.3, weight_decay=0.01),
)


def test_a_round_trains_as_one_program():
    found = children(PARENT, 7, 1)
    assert len(found) == CHILDREN
    assert {structure(controls) for controls, _ in found} == {structure(PARENT)}


def test_every_network_has_numbers_and_a_seed_of_its_own():
    found = [*children(PARENT, 7, 1), *children(PARENT, 7, 2)]
    assert len({seed for _, seed in found}) == 2 * CHILDREN
    assert len({controls.optimization.learning_rate for controls, _ in found}) == 2 * CHILDREN
    assert len({controls.regularization.weight_decay for controls, _ in found}) == 2 * CHILDREN


def test_the_seed_and_the_round_decide():
    assert children(PARENT, 7, 1) == children(PARENT, 7, 1)
    assert children(PARENT, 7, 1) != children(PARENT, 8, 1)


def test_numbers_stay_near_the_parents_and_in_bounds():
    found = [controls for number in range(50) for controls, _ in children(PARENT, 0, number)]
    rates = np.log([controls.optimization.learning_rate for controls in found])
    assert rates.mean() == pytest.approx(np.log(0.03), abs=0.1)
    assert rates.std() == pytest.approx(0.5, rel=0.15)
    dropouts = [controls.regularization.dropout for controls in found]
    assert 0 < min(dropouts) < max(dropouts) <= MOST_DROPOUT


def test_what_is_off_stays_off():
    plain = PARENT.replace(regularization=nw.Regularization(dropout=0.0, weight_decay=0.0))
    for controls, _ in children(plain, 0, 1):
        assert controls.regularization == plain.regularization
