"""The noise test: what added label noise must do to an estimate of the Bayes error, and does."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from netwright.diagnose.bayes import formulas
from netwright.diagnose.bayes.inputs import Inputs
from netwright.diagnose.bayes.local import Reading
from netwright.diagnose.bayes.records import NoiseCheck

RHO = 0.2
REPEATS = 8
CONFIDENCE = 0.999  # a dozen checks are made at once


def noised(y: NDArray[Any], classes: int, variance: float, rng: np.random.Generator) -> NDArray[Any]:
    """Return y with labels drawn anew with probability ``RHO``, or with noise of ``RHO · variance`` added."""
    if classes:
        return np.where(rng.random(len(y)) < RHO, rng.integers(0, classes, len(y)), y)
    return y + rng.normal(0, np.sqrt(RHO * variance), len(y))


def expected(risk: float, classes: int, variance: float) -> float:
    """Return what the law asks of a risk after :func:`noised`."""
    return formulas.noised(risk, RHO, classes) if classes else risk + RHO * variance


def of_readings(
    again: Callable[[NDArray[Any]], Sequence[Reading]],
    names: Sequence[str],
    y: NDArray[Any],
    classes: int,
    variance: float,
    rng: np.random.Generator,
) -> list[NoiseCheck]:
    """Repeat the readings of a space on noised targets; the margin covers chance and 1 %."""
    before = again(y)
    after = np.array([[r.value for r in again(noised(y, classes, variance, rng))] for _ in range(REPEATS)])
    z = float(norm.ppf((1 + CONFIDENCE) / 2))
    checks: list[NoiseCheck] = []
    for place, (name, reading) in enumerate(zip(names, before, strict=True)):
        column = after[:, place]
        spread = z * float(column.std(ddof=1)) * np.sqrt(1 + 1 / REPEATS)
        law = expected(reading.value, classes, variance)
        checks.append(NoiseCheck(name, law, float(column.mean()), spread + 0.01 * law))
    return checks


def of_model(
    name: str, losses: NDArray[np.float64], after: NDArray[np.float64], inputs: Inputs, variance: float
) -> NoiseCheck:
    """Compare a model with the same one trained on noised labels, both judged on the same held-out rows."""
    worse = after - losses
    kept = 1 - RHO if inputs.classes else 1.0
    margin = float(norm.ppf((1 + CONFIDENCE) / 2) * kept * worse.std(ddof=1)) / np.sqrt(len(worse))
    law = expected(float(losses.mean()), inputs.classes, variance)
    found = expected(float(after.mean()), inputs.classes, variance)
    return NoiseCheck(name, law, found, margin + 0.02 * law)
