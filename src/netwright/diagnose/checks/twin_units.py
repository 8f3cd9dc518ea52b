"""CK-5: hidden units that start identical.

Signal: the share of a layer's units whose outputs equal another's at every row, at the initial weights.
Threshold: correlation 1, for half of a layer or more. Such units get the same gradient and stay the same, so
the layer learns as if it had one (Goodfellow, Bengio and Courville, "Deep Learning", section 8.4).
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import initialization
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-5"
CHECK = Check(ID, "twin_units", "identical hidden units at the start")
SHARE = 0.5


def twin_units(evidence: Evidence) -> Finding:
    """Find a layer without symmetry breaking."""
    if evidence.start is None or not evidence.start.twin_units:
        return CHECK.missing("no hidden layer was looked at before training")
    twins = evidence.start.twin_units
    layer = max(twins, key=lambda name: twins[name])
    seen = (
        f"in layer {layer} a share {twins[layer]:.2f} of the units equals another unit exactly; "
        f"threshold {SHARE:g}"
    )
    if twins[layer] < SHARE:
        return CHECK.healthy(seen)
    return CHECK.found(seen, initialization(evidence, "Start the units apart: draw the kernels at random."))
