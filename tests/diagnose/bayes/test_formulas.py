"""The closed forms against hand-computed values and exact integrals."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from netwright.diagnose.bayes import formulas


def test_cover_hart_bounds_two_gaussians_from_below_by_their_exact_asymptotic_error():
    def density(x):
        return norm.pdf(x) / 2, norm.pdf(x - 2) / 2

    def disagreement(x):
        first, second = density(x)
        return 2 * first * second / (first + second)

    e = quad(disagreement, -8, 10)[0]
    bound = formulas.cover_hart(e, 2)
    assert bound == pytest.approx((1 - np.sqrt(1 - 2 * e)) / 2, abs=1e-12)
    assert 0.12 < bound < norm.cdf(-1) < e


def test_cover_hart_is_exact_for_uniform_label_noise():
    # K classes, a label kept with probability 1 − ρ + ρ/K: R = ρ(1 − 1/K), and two neighbours agree with
    # probability (1 − ρ)² + (1 − (1 − ρ)²)/K.
    for classes, rho in ((2, 0.3), (5, 0.2), (10, 0.6)):
        agree = (1 - rho) ** 2 + (1 - (1 - rho) ** 2) / classes
        assert formulas.cover_hart(1 - agree, classes) == pytest.approx(rho * (1 - 1 / classes), abs=1e-12)


def test_an_error_beyond_chance_gives_chance():
    assert formulas.cover_hart(0.7, 2) == 0.5
    assert formulas.cover_hart(0.0, 7) == 0.0


def test_neighbours_bound_and_soft_risk_by_hand():
    assert formulas.neighbours_bound(0.3, 4) == pytest.approx(0.2)
    np.testing.assert_allclose(formulas.soft_risk(np.array([[0.9, 0.1], [0.4, 0.6]])), [0.1, 0.4])


def test_noise_moves_a_risk_towards_chance():
    assert formulas.noised(0.1, 0.0, 3) == pytest.approx(0.1)
    assert formulas.noised(0.1, 1.0, 3) == pytest.approx(2 / 3)
    assert formulas.noised(0.1, 0.2, 2) == pytest.approx(0.18)
