"""TD-5: a learning rate too small or too large is told; TD-6: convergence, plateau, oscillation, saddle, divergence."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import TrainingError
from netwright.diagnose.convergence import classify
from netwright.measure.range_test import judged

STEPS = np.arange(60.0)
RNG = np.random.default_rng(0)

CURVES = {
    "converged": 0.1 + np.exp(-STEPS / 4) + 0.002 * RNG.normal(size=60),
    "still improving": 2 - 0.02 * STEPS + 0.005 * RNG.normal(size=60),
    "plateau": 0.7 + 0.0005 * RNG.normal(size=60),
    "oscillating": 1 + 0.4 * np.where(STEPS % 2, 1, -1) * (STEPS > 5),
    "diverging": 1 + 0.1 * STEPS,
    "saddle passed": np.where(
        STEPS < 25, 1.0 - 1e-4 * STEPS, 0.1 + 0.9 * np.exp(-np.maximum(0, STEPS - 25) / 3)
    ),
}


@pytest.mark.parametrize("kind", CURVES)
def test_curves_are_told_apart(kind):
    """TD-6."""
    assert classify(CURVES[kind]).kind == kind


def test_a_curve_that_ceases_to_be_finite_diverges():
    """TD-6."""
    assert classify(np.array([1.0, 0.5, np.inf, np.nan])).kind == "diverging"


def test_a_loss_that_only_falls_does_not_oscillate():
    """TD-6, in a training of four epochs, the shortest that is told."""
    assert classify(np.array([1.0, 0.9, 0.8, 0.7])).kind == "still improving"
    assert classify(np.array([1.0, 0.7, 1.0, 0.7])).kind == "oscillating"


def test_the_slope_of_a_line_is_exact():
    """TD-6: a line that falls by 2 over 41 epochs falls by 10.25 % of that in a tenth of the training."""
    slope = classify(2 - 0.05 * np.arange(41.0)).slope
    assert slope.estimate == pytest.approx(-0.05 * 4.1 / 2)
    assert slope.high - slope.low == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("rate", "kind"), [(0.9, "converged"), (1e-4, "still improving"), (2.2, "diverging")]
)
def test_gradient_descent_on_a_parabola_behaves_as_its_rate_says(rate, kind):
    """TD-5: on f(x) = x²/2 gradient descent converges for rates below 2 and diverges above."""
    path = np.asarray(nw.optim.minimize(lambda x: 0.5 * x**2, 1.0, nw.optim.sgd(rate), 40))
    assert classify(0.5 * path**2).kind == kind


def test_workable_rates_are_those_near_the_best_without_a_gap():
    """TD-5: the interval ends where the median over seeds is more than a tenth of the fall above the best."""
    rates = np.array([1e-3, 1e-2, 1e-1, 1.0, 10.0])
    losses = np.array(
        [[0.9, 0.25, 0.2, 0.27, np.inf], [0.8, 0.26, 0.2, 0.9, np.inf], [0.9, 0.3, 0.2, 0.25, 0.2]]
    )
    found = judged(rates, losses, 1.0)
    assert (found.low, found.best, found.high) == (1e-2, 1e-1, 1.0)
    with pytest.raises(TrainingError, match="no rate"):
        judged(rates, np.full((3, 5), np.inf), 1.0)


def test_a_range_test_brackets_a_rate_that_works(blobs):
    """TD-5: too small a rate learns nothing, too large a one diverges, and both lie outside the interval."""
    controls = nw.Controls(
        architecture=nw.Architecture(kind="logistic"),
        optimization=nw.Optimization(
            rule="sgd", learning_rate=0.1, schedule="constant", batch_size=16, epochs=10
        ),
        regularization=nw.Regularization(weight_decay=0.0, early_stopping=None),
    )
    found = nw.range_test(blobs, controls, rates=(1e-6, 1e-2, 1.0, 1e4), seeds=(0, 1))
    assert found.rates.tolist() == [1e-6, 1e-2, 0.1, 1.0, 1e4]
    assert found.losses.shape == (2, 5)
    assert 1e-6 < found.low <= found.best <= found.high < 1e4
