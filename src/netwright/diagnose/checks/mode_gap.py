"""CK-29: the network is another one in training mode.

Signal: mean over batches of the loss in training mode minus that in evaluation mode, same weights, dropout off.
Threshold: more than 3 standard errors and more than half of the evaluation loss, or 0.1 of a constant
prediction's (own). Only batch normalization can differ: its batches are too small, or its averages lag.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-29"
CHECK = Check(ID, "mode_gap", "batch statistics unlike the running averages")
STANDARD_ERRORS, OF_PRIOR = 3.0, 0.1
LEAST_BATCH = 16


def mode_gap(evidence: Evidence) -> Finding:
    """Find batch normalization whose batches say other than its averages."""
    gap, start = evidence.mode_gap, evidence.start
    if gap is None or gap.low is None or gap.estimate is None:
        return CHECK.missing("the two modes were not compared")
    error = (gap.estimate - gap.low) / 1.645
    limit = OF_PRIOR * (start.prior_loss if start is not None else 1.0)
    seen = (
        f"training mode costs {gap} more than evaluation mode at 90 %; thresholds {STANDARD_ERRORS:g} "
        f"standard errors ({STANDARD_ERRORS * error:.3g}) and {limit:.3g}"
    )
    if abs(gap.estimate) <= max(STANDARD_ERRORS * error, limit):
        return CHECK.healthy(seen)
    batch = evidence.controls.optimization.batch_size
    if batch != "full" and int(batch) < LEAST_BATCH:
        settings = {"optimization.batch_size": 32}
        reason = f"Batches of {batch} rows have no statistics to speak of: use 32."
        return CHECK.found(seen, Prescription("optimization.batch_size", settings, reason))
    reason = "The running averages do not describe the batches: train without batch normalization."
    return CHECK.found(
        seen, Prescription("architecture.batch_norm", {"architecture.batch_norm": False}, reason)
    )
