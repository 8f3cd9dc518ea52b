"""AR-5, RG-8: controls that each move one thing, and what the strength of a regularizer does to the gap."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.layout import Layout
from netwright.improve.advice import advice
from netwright.train.auto import Facts, resolve

LEVELS = {"regularization.dropout": (0.0, 0.6), "regularization.l2": (0.0, 0.1)}


@pytest.fixture(scope="module")
def factorial():
    """Labels that follow one column and much noise; without a regularizer the network learns them by heart."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, 8)).astype(np.float32)
    y = (X[:, 0] + generator.normal(size=200) > 0).astype(np.int64)
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(16,)),
        optimization=nw.Optimization(epochs=80, batch_size=32, learning_rate=0.03),
        regularization=nw.Regularization(early_stopping=None),
        data=nw.DataControls(dev_fraction=0.3, test_fraction=0.2),
    )
    return nw.orthogonality(nw.Dataset.from_arrays(X, y, name="noisy"), LEVELS, controls, seeds=3)


def test_interactions_are_measured_by_a_factorial_experiment_and_shown_as_a_matrix(factorial):
    """AR-5. Two regularizers do each other's work: together they cost less training error than apart."""
    matrix = factorial.matrix("train")
    assert matrix["control"].to_list() == list(LEVELS)
    alone = [matrix[name][place] for place, name in enumerate(LEVELS)]
    assert min(alone) > 0
    interaction = factorial.interactions[tuple(LEVELS)]["train"]
    assert matrix["regularization.l2"][0] == interaction.estimate < 0
    assert interaction.high < 0
    assert f"{interaction.estimate:+.3g} [{interaction.low:.2g}, {interaction.high:.2g}]*" in str(factorial)


def test_dropout_and_weight_penalties_move_the_gap_between_train_and_dev(factorial):
    """RG-8: both close the gap, the training error rises, and the effects carry intervals."""
    for name in LEVELS:
        effect = factorial.main[name]
        assert effect["train"].low > 0, name
        assert effect["dev"].estimate - effect["train"].estimate < 0, name


def test_the_strengths_are_among_what_the_loop_searches():
    """RG-8: against variance the rate of dropout and the strength of the decay are raised, against bias lowered."""
    controls = resolve(
        nw.Controls(), Facts(rows=500, layout=Layout("table", (5,)), task="binary", dev_rows=100)
    )
    names = {"regularization.dropout": 0.2, "regularization.weight_decay": 0.1}
    for train, up in ((0.0, True), (0.3, False)):
        first = advice(controls, task="binary", train=train, dev=train + 0.1, floor=0.0)
        side = [one for one in first if one.term == first[0].term]
        found = {one.control: one.settings[one.control] for one in side if one.control in names}
        assert found.keys() == names.keys()
        assert all((found[name] > now) == up for name, now in names.items())
