"""The upper end: no model beats the Bayes error, so a limit on any model's error is a limit on it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.isotonic import IsotonicRegression

from netwright.core.errors import DataError
from netwright.diagnose.bayes.inputs import Inputs
from netwright.diagnose.bayes.learners import Judged
from netwright.diagnose.bayes.records import Candidate
from netwright.diagnose.interval import Interval, of_mean, of_proportion

FROZEN = "frozen before it saw the rows that judge it"


def candidates(
    fitted: Sequence[Judged], judged: Sequence[tuple[Any, ...]], classes: int, confidence: float
) -> list[Candidate]:
    """Return the limit of each of M models at level α/M: together they hold with the confidence of one.

    Raises:
      DataError: a judged model is not told as (name, wrong, total), or (name, squared errors) in regression.
    """
    shared = 1 - (1 - confidence) / (len(fitted) + len(judged))
    found: list[Candidate] = []
    for one in fitted:
        told = (one.name, int(one.losses.sum()), len(one.losses)) if classes else (one.name, one.losses)
        found.append(_candidate(told, classes, shared))
    return found + [_candidate(told, classes, shared) for told in judged]


def _candidate(told: tuple[Any, ...], classes: int, confidence: float) -> Candidate:
    if len(told) != (3 if classes else 2):
        expected = "(name, wrong, total)" if classes else "(name, squared errors)"
        raise DataError(f"bayes.estimate: judged holds {told!r}; expected {expected} for each model")
    name = str(told[0])
    if not classes:
        interval = of_squares(np.asarray(told[1], np.float64), confidence)
    elif 0 <= told[1] <= told[2] and told[2] > 0:
        interval = of_proportion(told[1], int(told[2]), confidence)
    else:
        raise DataError(f"bayes.estimate: judged model '{name}' has {told[1]} wrong of {told[2]} rows")
    return Candidate(
        f"held-out error, {name}", float(interval.estimate or 0.0), interval, "upper", "raw", FROZEN
    )


def of_squares(squares: NDArray[np.float64], confidence: float) -> Interval:
    """Return the interval of a mean of squares, which are skewed, by the cubic transformation of Hall (1992).

    With skewness g, ``t + g t²/3 + g² t³/27 + g/(6n)`` is normal to second order; its inverse gives both ends.
    """
    n, mean, spread = len(squares), float(squares.mean()), float(squares.std())
    if n < 2 or spread == 0:
        return Interval(mean, mean, mean, confidence)
    g = float(((squares - mean) ** 3).mean()) / spread**3 or 1e-9
    z = norm.ppf([(1 + confidence) / 2, (1 - confidence) / 2])
    inverse = 3 / g * (np.cbrt(1 + g * (z / np.sqrt(n) - g / (6 * n))) - 1)
    low, high = mean - spread * inverse
    return Interval(max(0.0, float(low)), mean, float(high), confidence)


def plug_in(best: Judged, rows: Inputs, confidence: float) -> list[Candidate]:
    """Return the posterior plug-in ``mean(1 − max p̂)`` of a model calibrated on half of the held-out rows.

    Calibration is isotonic, of the probability of the class predicted; the other half gives the mean.
    """
    if not rows.classes:
        return []
    top, right = best.outputs.max(axis=1), 1 - best.losses
    half = len(top) // 2
    calibrated = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(top[:half], right[:half])
    interval = of_mean(1 - calibrated.predict(top[half:]), confidence)
    assumption = "the model is calibrated: then its own error, not less than the Bayes error"
    name = f"posterior plug-in, {best.name}"
    told = Candidate(name, float(interval.estimate or 0.0), interval, "upper", "learned", assumption)
    return [told.strike("no guarantee: listed beside the limits, never an end")]
