"""Convergence: what a loss curve does, as a pure function (TD-6)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t

from netwright.diagnose.interval import Interval

Kind = Literal["converged", "plateau", "oscillating", "diverging", "still improving", "saddle passed"]
TAIL = 0.3
FLAT = 0.01


@dataclass(frozen=True)
class Convergence:
    """What a loss curve does at its end.

    Attributes:
      kind: "diverging": ends above its start, or not finite; "oscillating": the tail goes up and down by a quarter of
        the curve's fall; "still improving": the tail falls by more than 1 % of the fall in a tenth of the training;
        "plateau": flat, after hardly any fall; "saddle passed": a flat stretch high up, left later;
        "converged": flat after a fall.
      slope: change of the loss over a tenth of the training in the tail, as a share of the whole fall.
    """

    kind: Kind
    slope: Interval


def classify(losses: np.ndarray) -> Convergence:
    """Return what the losses (epochs,) do, from their last 30 % (at least 3 epochs).

    The slope is ordinary least squares with Student's interval at 90 %. A plateau whose gradient also vanishes
    is a stationary point; only its neighbourhood (the Hessian's sign) tells a saddle from a minimum, so a curve
    is called "saddle passed" only when it left the flat stretch.
    """
    losses = np.asarray(losses, np.float64)
    if len(losses) < 4 or not np.isfinite(losses).all():
        kind: Kind = "diverging" if not np.isfinite(losses).all() else "still improving"
        return Convergence(kind, Interval(None, None, None))
    start, tail = losses[0], losses[-max(3, round(TAIL * len(losses))) :]
    lowest = float(losses.min())
    fall = max(start - lowest, 1e-12)
    slope = _slope(tail, len(losses) / 10 / fall)
    assert slope.high is not None
    if tail.mean() > start + 0.1 * fall and tail.mean() > lowest * 1.05:
        return Convergence("diverging", slope)
    small = fall < 0.02 * abs(start)
    # A tail that only falls is spread, too, and most of all in a short training.
    if not small and tail.std() > 0.25 * fall and (np.diff(tail) > 0).any():
        return Convergence("oscillating", slope)
    if slope.high < -FLAT:
        return Convergence("still improving", slope)
    if small:
        return Convergence("plateau", slope)
    return Convergence("saddle passed" if _flat_high_up(losses, fall) else "converged", slope)


def _slope(tail: np.ndarray, unit: float) -> Interval:
    x = np.arange(len(tail)) - (len(tail) - 1) / 2
    slope = float(x @ tail / (x @ x))
    rest = tail - tail.mean() - slope * x
    half = float(t.ppf(0.95, len(tail) - 2) * np.sqrt(rest @ rest / max(1, len(tail) - 2) / (x @ x)))
    return Interval((slope - half) * unit, slope * unit, (slope + half) * unit)


def _flat_high_up(losses: np.ndarray, fall: float) -> bool:
    """Return whether a fifth of the training passed nearly flat with more than half of the fall still to come."""
    width = max(3, len(losses) // 5)
    lowest = losses.min()
    for i in range(len(losses) - width):
        window = losses[i : i + width]
        if window.min() - lowest > 0.5 * fall and np.ptp(window) < FLAT * fall:
            return True
    return False
