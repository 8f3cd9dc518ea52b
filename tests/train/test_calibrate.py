"""AR-1: calibrated probabilities."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from netwright.train.calibrate import calibration_error, fit_temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_temperature_that_made_the_labels_is_found(temperature, classes):
    """AR-1: labels drawn from softmax(z/T) give T back; 40,000 rows leave an error of about one per cent."""
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(40_000,) if classes == 2 else (40_000, classes)) * 3
    if classes == 2:
        codes = (generator.random(len(logits)) < expit(logits / temperature)).astype(int)
    else:
        cumulated = softmax(logits / temperature, axis=1).cumsum(axis=1)
        codes = (generator.random((len(logits), 1)) > cumulated).sum(axis=1)
    found = fit_temperature(logits, codes, np.ones(len(codes)))
    assert found == pytest.approx(temperature, rel=0.05)


def test_calibration_error_by_hand():
    """AR-1: two bins, confidences 0.9 (half right) and 0.6 (all right): (2·0.4 + 2·0.4) / 4."""
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    codes = np.array([0, 1, 0, 0])
    assert calibration_error(probabilities, codes, np.ones(4)) == pytest.approx(0.4)


def test_rows_of_no_weight_do_not_count():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1]])
    assert calibration_error(probabilities, np.array([0, 1]), np.array([1.0, 0.0])) == pytest.approx(0.1)
