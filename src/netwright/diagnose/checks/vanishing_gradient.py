"""CK-7: the gradient vanishes on its way to the first layer.

Signal: gradient norm of the first layer over that of the last, at the initial weights.
Threshold: below 1e-2 (own). AUTOTRAINER (Zhang et al., ICSE 2021, section 3) asks for 1e-3 and a first norm below
1e-4; but the size of a gradient moves with the loss's unit, and six sigmoid layers, whose slopes are at most 1/4,
leave between 1e-4 and 1e-3, so that both numbers cut through what they are to find. Healthy networks keep a fifth
and more.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import initialization
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-7"
CHECK = Check(ID, "vanishing_gradient", "a vanishing gradient")
RATIO = 1e-2


def vanishing_gradient(evidence: Evidence) -> Finding:
    """Find a first layer that the loss hardly reaches."""
    if evidence.start is None or len(evidence.start.gradient_norm) < 2:
        return CHECK.missing("no gradients of two layers were taken before training")
    norms = list(evidence.start.gradient_norm.values())
    ratio = norms[0] / norms[-1] if norms[-1] > 0 else 1.0
    seen = (
        f"gradient norms at the start: first layer {norms[0]:.3g}, last {norms[-1]:.3g}, ratio "
        f"{ratio:.3g} (up to 256 rows, ± 10 %); threshold {RATIO:g}"
    )
    if ratio >= RATIO:
        return CHECK.healthy(seen)
    if evidence.controls.initialization.kernel != "auto" or evidence.controls.initialization.bias != 0:
        return CHECK.found(
            seen, initialization(evidence, "The initial weights shrink the gradient from layer to layer.")
        )
    if not evidence.controls.architecture.batch_norm:
        reason = "Normalize before each activation, so that its slope stays away from 0."
        return CHECK.found(
            seen, Prescription("architecture.batch_norm", {"architecture.batch_norm": True}, reason)
        )
    reason = "Use an activation whose slope is 1 where it is active."
    return CHECK.found(
        seen, Prescription("architecture.activation", {"architecture.activation": "relu"}, reason)
    )
