"""Factorial experiments."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError, TrainingError
from netwright.measure.trial import train_trials

LEVELS = {"regularization.dropout": (0.0, 0.6), "regularization.l2": (0.0, 0.1)}


@pytest.fixture(scope="module")
def found(noisy, short):
    return nw.orthogonality(noisy, LEVELS, short, seeds=3)


def test_effects_are_the_differences_of_the_cells_means(found, noisy, short):
    """By hand, from the trainings of the four cells."""
    cells = {
        (dropout, l2): short.with_setting(f"regularization.dropout={dropout}").with_setting(
            f"regularization.l2={l2}"
        )
        for dropout in (0.0, 0.6)
        for l2 in (0.0, 0.1)
    }
    trials = iter(train_trials(noisy, [(cell, seed) for cell in cells.values() for seed in range(3)]))
    mean = {cell: np.mean([next(trials).dev.mean() for _ in range(3)]) for cell in cells}
    at_low, at_high = (mean[0.6, l2] - mean[0.0, l2] for l2 in (0.0, 0.1))
    main, interaction = found.main["regularization.dropout"]["dev"], found.interactions[tuple(LEVELS)]["dev"]
    np.testing.assert_allclose(main.estimate, (at_low + at_high) / 2)
    np.testing.assert_allclose(interaction.estimate, (at_high - at_low) / 2, atol=1e-12)
    assert main.low < main.estimate < main.high


def test_the_matrix_has_effects_on_its_diagonal_and_is_symmetric(found):
    square = found.matrix("train").drop("control").to_numpy()
    np.testing.assert_array_equal(square, square.T)
    assert square[0, 0] == found.main["regularization.dropout"]["train"].estimate
    assert found.frame.shape == (2 * (2 + 1), 6)
    assert (found.cells, found.seeds) == (4, 3)


def test_it_prints_both_matrices(found):
    said = str(found)
    assert "A = regularization.dropout: 0.0 → 0.6" in said
    assert "change of the train error" in said
    assert "change of the dev error" in said


def test_a_wrong_word_or_a_cell_that_diverges_is_named(noisy, short):
    with pytest.raises(ControlError, match="no such control"):
        nw.orthogonality(noisy, {"regularization.dropouts": (0, 1), "regularization.l2": (0, 1)}, short)
    with pytest.raises(ControlError, match=r"expected \(low, high\)"):
        nw.orthogonality(noisy, {"regularization.l2": (0,), "regularization.l1": (0, 1)}, short)
    levels = {"regularization.l2": (0.0, 0.1), "optimization.learning_rate": (0.03, 1e30)}
    with pytest.raises(TrainingError, match=r"l2=0.0, optimization.learning_rate=1e\+30 diverged"):
        nw.orthogonality(noisy, levels, short, seeds=3)
