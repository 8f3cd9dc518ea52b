"""CK-10: the loss, a gradient or a weight ceased to be finite.

Signal: the run's status; on failure the engine replays the steps and names the first bad quantity.
Threshold: any. The prescription is a lower rate; causes further upstream (inputs, initialization) are listed
before this check.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import rate
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-10"
CHECK = Check(ID, "non_finite", "numbers that are not finite")


def non_finite(evidence: Evidence) -> Finding:
    """Find a training that broke."""
    status = evidence.record.get("status")
    if status is None:
        return CHECK.missing("the record has no status")
    losses = evidence.history["train_loss"] if "train_loss" in evidence.history.columns else None
    bad = 0 if losses is None else int((~losses.is_finite()).sum())
    seen = f"{bad} epochs with a loss that is not finite, status {status}; threshold 0, exact"
    if status != "failed" and bad == 0:
        return CHECK.healthy(seen)
    reason = f"{evidence.record.get('reason', 'the loss is not finite')}: lower the rate."
    return CHECK.found(f"{seen}: {evidence.record.get('reason', '')}", rate(evidence, reason, factor=0.1))
