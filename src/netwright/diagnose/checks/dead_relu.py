"""CK-12: dead ReLU units.

Signal: the share of a layer's units that no row makes active, at the trained weights (and before training).
Threshold: 70 % of a layer (AUTOTRAINER; SageMaker Debugger's 50 % also meets wide, healthy networks whose spare
units regularization put to sleep: own calibration). Dead from the start is the initialization's fault, dead from
training the rate's.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import initialization, rate, rate_of
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-12"
CHECK = Check(ID, "dead_relu", "dead ReLU units")
SHARE = 0.7


def dead_relu(evidence: Evidence) -> Finding:
    """Find a layer whose units have died."""
    dead = evidence.finish.dead if evidence.finish is not None else _from_trace(evidence)
    if dead is None:
        return CHECK.missing("no activations at the trained weights, no dead_fraction in the trace")
    if not dead:
        return CHECK.healthy("0 layers have an activation that is 0 below 0")
    layer = max(dead, key=lambda name: dead[name])
    before = evidence.start.dead.get(layer, 0.0) if evidence.start is not None else 0.0
    seen = (
        f"a share {dead[layer]:.2f} of the units of {layer} is dead ({before:.2f} before training; "
        f"exact on up to 256 rows); threshold {SHARE:g}"
    )
    if dead[layer] < SHARE:
        return CHECK.healthy(seen)
    if before >= SHARE / 2:
        return CHECK.found(
            seen, initialization(evidence, "The units are dead before training: biases too low.")
        )
    test = evidence.range_test
    if test is None or rate_of(evidence.controls) > test.best:
        return CHECK.found(
            seen, rate(evidence, "Steps too large have thrown the units out of reach.", factor=0.1)
        )
    settings = {"architecture.activation": "leaky_relu"}
    reason = "Give the units a slope where they are off, so that they can come back."
    return CHECK.found(seen, Prescription("architecture.activation", settings, reason))


def _from_trace(evidence: Evidence) -> dict[str, float] | None:
    trace = evidence.trace
    if "dead_fraction" not in trace.columns or len(trace) == 0:
        return None
    last = (
        trace.filter(trace["step"] == trace["step"].max())
        .drop_nulls("dead_fraction")
        .drop_nans("dead_fraction")
    )
    return dict(zip(last["layer"], last["dead_fraction"], strict=True))
