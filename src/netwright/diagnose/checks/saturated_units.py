"""CK-13: saturated sigmoid or tanh units.

Signal: the share of (row, unit) of a layer where the activation's slope is below a tenth of its largest, at the
start and at the trained weights. Threshold: above one half at the start (SageMaker Debugger); above 90 % when
trained (own: a classifier that is sure of itself may saturate much of its last hidden layer).
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import initialization
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-13"
CHECK = Check(ID, "saturated_units", "saturated units")
START, FINISH = 0.5, 0.9


def saturated_units(evidence: Evidence) -> Finding:
    """Find units whose slope has gone."""
    if evidence.start is None and evidence.finish is None:
        return CHECK.missing("no activations were looked at")
    before = evidence.start.saturated if evidence.start is not None else {}
    after = evidence.finish.saturated if evidence.finish is not None else {}
    if not before and not after:
        return CHECK.healthy("0 layers have a bounded activation")
    worst_before, worst_after = max(before.values(), default=0.0), max(after.values(), default=0.0)
    seen = (
        f"at worst a share {worst_before:.2f} of a layer's activations is saturated at the start, "
        f"{worst_after:.2f} "
        f"when trained (up to 256 rows, ± 0.05); thresholds {START:g} and {FINISH:g}"
    )
    if worst_before > START:
        return CHECK.found(
            seen, initialization(evidence, "The initial weights drive the units into saturation.")
        )
    if worst_after > FINISH:
        settings = {"architecture.batch_norm": True}
        reason = "Training drove the units into saturation: normalize before the activation."
        return CHECK.found(seen, Prescription("architecture.batch_norm", settings, reason))
    return CHECK.healthy(seen)
