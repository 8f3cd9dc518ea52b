"""Each schedule against its definition, written out in float64."""

import numpy as np
import pytest

from netwright.optim import schedules

T = np.arange(200)


def half_cosine(start, end, progress):
    return end + (start - end) * (1 + np.cos(np.pi * progress)) / 2


def restarts(period, multiplier):
    """How far its cycle has come at each step, by walking through the cycles."""
    progress, begin, length = [], 0.0, float(period)
    for t in T:
        while t >= begin + length:
            begin, length = begin + length, length * multiplier
        progress.append((t - begin) / length)
    return np.array(progress)


def test_constant():
    np.testing.assert_allclose(schedules.constant(0.3)(T), np.full(200, 0.3), rtol=1e-6)


def test_step_decay():
    expected = [0.2 * 0.7 ** (t // 30) for t in T]
    np.testing.assert_allclose(schedules.step_decay(0.2, 0.7, 30)(T), expected, rtol=1e-6)


def test_exponential_decay():
    np.testing.assert_allclose(schedules.exponential_decay(0.2, 0.03)(T), 0.2 * np.exp(-0.03 * T), rtol=2e-6)


def test_cyclical():
    corners = [0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200]
    expected = np.interp(T, corners, [0.1, 0.9] * 5 + [0.1])
    np.testing.assert_allclose(schedules.cyclical(0.1, 0.9, 40)(T), expected, rtol=1e-5)


@pytest.mark.parametrize("final", [0.0, 0.02])
def test_cosine(final):
    expected = half_cosine(0.2, final, np.minimum(T / 150, 1))
    np.testing.assert_allclose(schedules.cosine(0.2, 150, final)(T), expected, rtol=1e-5, atol=2e-8)


@pytest.mark.parametrize("multiplier", [1.0, 1.3, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("period", [1, 7, 10, 12.5])
def test_warm_restarts(period, multiplier):
    expected = half_cosine(0.2, 0.01, restarts(period, multiplier))
    rates = schedules.warm_restarts(0.2, period, multiplier, 0.01)(T)
    np.testing.assert_allclose(rates, expected, rtol=2e-5, atol=1e-7)


def test_warm_restarts_late_in_a_long_run():
    schedule = schedules.warm_restarts(1.0, 100, 2.0)
    begin = 100 * (2**14 - 1)
    around = np.array([begin - 2, begin, begin + 2])
    np.testing.assert_allclose(schedule(around), [0, 1, 1], atol=1e-5)


def test_one_cycle():
    rise = half_cosine(1 / 25, 1, T / 60)
    descent = half_cosine(1, 1 / 25e4, np.minimum((T - 60) / 140, 1))
    expected = 0.5 * np.where(T < 60, rise, descent)
    np.testing.assert_allclose(schedules.one_cycle(0.5, 200)(T), expected, rtol=1e-4, atol=1e-7)
    assert schedules.one_cycle(0.5, 200)(T).argmax() == 60
