"""The noise test: who obeys the law and who breaks it."""

import numpy as np
import pytest

import netwright as nw
from netwright.diagnose.bayes import noise
from netwright.diagnose.bayes.local import readings, space


def test_noise_is_added_at_the_rate_that_is_told():
    rng = np.random.default_rng(0)
    y = np.zeros(40_000, int)
    changed = noise.noised(y, 4, 0.0, rng)
    assert (changed != 0).mean() == pytest.approx(noise.RHO * 3 / 4, abs=0.01)
    assert noise.noised(np.zeros(40_000), 0, 9.0, rng).var() == pytest.approx(noise.RHO * 9, rel=0.05)


def test_cover_hart_obeys_the_law_even_where_it_is_wrong():
    # 40 dimensions: biased, yet the law holds, because noise acts on both labels of a pair alike.
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 1500)
    X = rng.normal(size=(1500, 40))
    X[:, 0] += 3 * y
    place = space("raw", "raw", X, rng)

    def again(labels):
        return readings(place, labels, 2)[:1]

    (check,) = noise.of_readings(again, ["1-NN"], y, 2, 0.0, rng)
    assert again(y)[0].value > 1.5 * 0.06681
    assert check.passed


def test_a_model_that_has_not_converged_breaks_the_law():
    rng = np.random.default_rng(2)
    X = rng.uniform(-1, 1, (3000, 2))
    y = (np.floor(2 * (X + 1)).sum(axis=1) % 2 == 1).astype(int)
    found = nw.bayes.estimate(X, y)
    names = {check.name for check in found.noise_test.checks}
    assert "random forest" in names or "k-NN" in names
    assert any(check.found > check.expected for check in found.noise_test.checks)
