import json

import numpy as np
import pytest

from netwright.diagnose.gain import Gain, gain_of

SIZES = (50, 200, 800)


def errors(rates, seeds=3, rows=400):
    generator = np.random.default_rng(0)
    return [(generator.random((seeds, rows)) < rate).astype(np.float64) for rate in rates]


@pytest.fixture(scope="module")
def gain():
    return gain_of(
        SIZES,
        errors((0.5, 0.3, 0.1)),
        errors((0.2, 0.2, 0.1)),
        metric="error",
        transfer="features",
        backbone="minilm",
    )


def test_the_gain_is_the_difference_of_the_mean_errors(gain):
    """AR-2: pairs of trainings on the same rows; the interval holds the truth."""
    for place, truth in enumerate((0.3, 0.1, 0.0)):
        measured = np.mean(gain.scratch[place]) - np.mean(gain.transferred[place])
        assert gain.gains[place].estimate == pytest.approx(measured)
        assert gain.gains[place].low < truth < gain.gains[place].high
    assert gain.gains[0].excludes_zero
    assert not gain.gains[2].excludes_zero


def test_how_many_rows_from_scratch_are_as_good(gain):
    assert gain.equivalent == {
        50: 800,
        200: 800,
        800: 800 if np.mean(gain.scratch[2]) <= np.mean(gain.transferred[2]) else None,
    }


def test_it_survives_json_and_prints_a_line_a_size(gain):
    assert Gain.from_json(json.loads(json.dumps(gain.to_json()))) == gain
    assert [line.split()[0] for line in str(gain).splitlines()[1:]] == ["50", "200", "800"]
