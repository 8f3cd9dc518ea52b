"""The law of the learning curve: fitted as SciPy fits it, covering what it foretells, refused when it must be."""

import json

import numpy as np
import pytest
from scipy.optimize import least_squares

from netwright.diagnose.learning_curve import fit_curve, fit_law

SIZES = [100, 200, 400, 800, 1600]
A, B, C = 2.0, 0.5, 0.1


def losses(rng, seeds=5, rows=2000, law=lambda n: A * n**-B + C, noise=0.005):
    """Errors 0 and 1 of networks on the same rows, whose shares follow the law but for each seed's own noise."""
    hardness = rng.random(rows)
    return [
        np.stack([(hardness < law(n) + rng.normal(0, noise)).astype(float) for _ in range(seeds)])
        for n in SIZES
    ]


@pytest.mark.parametrize("weights", [np.ones(5), np.array([1.0, 2, 4, 8, 16])])
def test_the_fit_is_the_least_squares_of_scipy(weights):
    rng = np.random.default_rng(0)
    n = np.array(SIZES, float)
    for _ in range(5):
        errors = A * n**-B + C + rng.normal(0, 0.01, len(n))

        def residuals(p, errors=errors):
            return np.sqrt(weights) * (p[0] * n ** -p[1] + p[2] - errors)

        starts = [(1.0, 0.3, 0.05), (5.0, 0.8, 0.15), (1.0, 0.1, 0.0)]
        best = min(
            least_squares(
                residuals, start, bounds=([0, 0.02, 0], [np.inf, 2, 1]), x_scale=(1, 0.1, 0.01)
            ).cost
            for start in starts
        )
        found = np.array([values[0] for values in fit_law(n, errors[None], weights)])
        assert (residuals(found) ** 2).sum() / 2 <= best * 1.01 + 1e-9


def test_a_law_without_noise_is_found():
    n = np.array(SIZES, float)
    a, b, c = fit_law(n, (A * n**-B + C)[None], np.ones(5))
    assert (a[0], b[0], c[0]) == pytest.approx((A, B, C), rel=0.01)


def test_a_falling_straight_to_zero_has_no_limit_below_zero():
    n = np.array(SIZES, float)
    _, b, c = fit_law(n, (5 * n**-0.7)[None], np.ones(5))
    assert c[0] == pytest.approx(0, abs=2e-3)
    assert b[0] == pytest.approx(0.7, abs=0.05)


def test_the_intervals_hold_the_truth_as_often_as_they_say():
    """90 % intervals of c and of the error at ten times the rows: at least 84 of 100 (two standard errors below)."""
    rng = np.random.default_rng(1)
    truth = A * (10 * SIZES[-1]) ** -B + C
    limit = forecast = 0
    for repeat in range(100):
        # Fresh rows for each repeat: their noise, which all networks share, is in the intervals too.
        curve = fit_curve(SIZES, losses(rng), metric="error", seed=repeat)
        limit += curve.c.low <= C <= curve.c.high
        forecast += curve.ahead["10"].low <= truth <= curve.ahead["10"].high
    assert limit >= 84
    assert forecast >= 84


def test_a_steep_curve_identifies_its_limit():
    rng = np.random.default_rng(2)
    curve = fit_curve(
        SIZES,
        losses(rng, seeds=8, rows=20_000, law=lambda n: 100 * n**-1.2 + 0.2, noise=0.002),
        metric="error",
    )
    assert curve.identified
    assert curve.c.low <= 0.2 <= curve.c.high
    assert curve.at(1600) == pytest.approx(100 * 1600**-1.2 + 0.2, abs=0.01)
    assert curve.estimation.estimate == pytest.approx(curve.at(1600) - curve.c.estimate, abs=1e-9)
    assert json.dumps(curve.to_json())
    assert "foretold" in str(curve)


def test_a_slow_curve_is_said_not_to_identify_its_limit():
    curve = fit_curve(
        SIZES, losses(np.random.default_rng(3), law=lambda n: 0.6 * n**-0.08, noise=0.01), metric="error"
    )
    assert not curve.identified
    assert "wider than half" in curve.reason
    assert "not identified" in str(curve)


def test_a_curve_that_rises_is_refused():
    rng = np.random.default_rng(4)
    peak = dict(zip(SIZES, (0.4, 0.3, 0.25, 0.45, 0.2), strict=True))
    curve = fit_curve(SIZES, losses(rng, law=lambda n: peak[n]), metric="error")
    assert not curve.identified
    assert "rises from" in curve.reason
    assert "at 800" in curve.reason


def test_a_flat_curve_is_refused():
    curve = fit_curve(SIZES, losses(np.random.default_rng(5), law=lambda n: 0.3, noise=0.02), metric="error")
    assert not curve.identified
    assert "does not fall" in curve.reason


def test_one_network_at_the_largest_size_takes_the_spread_of_the_others():
    rng = np.random.default_rng(6)
    found = losses(rng, law=lambda n: 20 * n**-1.0 + 0.2)
    whole = fit_curve(SIZES, found, metric="error")
    single = fit_curve(SIZES, [*found[:-1], found[-1][:1]], metric="error")
    assert single.c.high - single.c.low > whole.c.high - whole.c.low
