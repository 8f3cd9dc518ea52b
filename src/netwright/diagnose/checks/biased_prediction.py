"""CK-34: what is minimized is not what is judged, so predictions are off on average.

Signal: on dev rows, mean predicted probability of a class minus its frequency; or, on training and dev rows, the
mean residual over the target's standard deviation. Threshold: its interval (99 %, over all classes) away from 0, and
beyond .05, where class weights were given by hand or a regression is trained on another loss than the squared one
(own: the cause is read in the controls, so that the effect has but to be sure and worth mending).
"Balanced" weights shift predictions on purpose and are not judged.
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import Interval, of_mean

ID = "CK-34"
CHECK = Check(ID, "biased_prediction", "predictions off on average")
OFF = 0.05


def biased_prediction(evidence: Evidence) -> Finding:
    """Find a loss or weights that pull predictions away from the truth."""
    dev = evidence.dev
    if dev is None or len(dev.truth) < 10:
        return CHECK.missing("fewer than 10 dev predictions")
    if evidence.task == "regression":
        # A loss that pulls does so on every row: training rows tell it as well.
        parts = [part for part in (evidence.train, dev) if part is not None]
        residuals = np.concatenate([part.outputs - part.truth for part in parts])
        gap = of_mean(residuals / (float(dev.truth.std()) or 1.0), 0.99)
        seen = f"the mean residual is {gap} standard deviations of the target at 99 %; threshold {OFF:g}"
        cause = evidence.controls.loss not in ("mse", "custom")
        prescription = Prescription("loss", {"loss": "mse"}, "Train on the squared error that is judged by.")
    else:
        gaps = [
            of_mean(dev.outputs[:, k] - (dev.truth == k), 1 - 0.01 / dev.outputs.shape[1])
            for k in range(dev.outputs.shape[1])
        ]
        k = int(np.argmax([_beyond(gap) for gap in gaps]))
        gap = gaps[k]
        seen = (
            f"class {(evidence.classes or range(k + 1))[k]} is predicted with a mean probability off by "
            f"{gap} (99 % over all classes); threshold {OFF:g}"
        )
        cause = isinstance(evidence.controls.data.class_weight, dict)
        reason = "The class weights shift the predictions away from the error they are judged by."
        prescription = Prescription("data.class_weight", {"data.class_weight": None}, reason)
    if _beyond(gap) > 0 and abs(gap.estimate or 0.0) > OFF and cause:
        return CHECK.found(seen, prescription)
    return CHECK.healthy(seen)


def _beyond(gap: Interval) -> float:
    """Return how far the interval stays away from 0, below 0 when it holds it."""
    assert gap.low is not None
    assert gap.high is not None
    return max(gap.low, -gap.high)
