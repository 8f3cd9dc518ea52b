"""CK-21: the dev loss rises while the dev error does not: overconfidence.

Signal: mean confidence minus accuracy on dev rows, at the weights kept. Threshold: its interval (99 %) above .05
(Guo et al., "On Calibration of Modern Neural Networks", 2017; the size is own). Remedy: label smoothing in
training, or a temperature afterwards, ``run.calibrate()``.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import of_mean

ID = "CK-21"
CHECK = Check(ID, "overconfidence", "overconfidence")
GAP = 0.05


def overconfidence(evidence: Evidence) -> Finding:
    """Find probabilities that promise more than they keep."""
    if evidence.task == "regression":
        return CHECK.missing("a regression predicts 0 probabilities")
    if evidence.dev is None or len(evidence.dev.truth) < 10:
        return CHECK.missing("fewer than 10 dev predictions")
    p = evidence.dev.outputs
    gap = of_mean(p.max(axis=1) - (p.argmax(axis=1) == evidence.dev.truth), 0.99)
    seen = f"confidence exceeds accuracy by {gap} on dev rows (99 %); threshold {GAP:g}"
    assert gap.low is not None
    if gap.low <= GAP or evidence.controls.regularization.label_smoothing >= 0.1:
        return CHECK.healthy(seen)
    settings = {"regularization.label_smoothing": 0.1}
    reason = "Smooth the labels, or fit a temperature afterwards with run.calibrate()."
    return CHECK.found(
        seen, Prescription("regularization.label_smoothing", settings, reason, "calibration", "R")
    )
