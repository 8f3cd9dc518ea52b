"""CK-4: the prediction of one row depends on another row.

Signal: the largest |∂ output of one row / ∂ input of another| in evaluation mode, batch normalization on its
running averages. Threshold: anything beyond rounding, 1e-6 (Karpathy, "A Recipe for Training Neural Networks":
use backprop to chart dependencies). A network that mixes rows in evaluation has a reshape or an axis wrong.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-4"
CHECK = Check(ID, "rows_mix", "rows of a batch mix")
LARGEST = 1e-6


def rows_mix(evidence: Evidence) -> Finding:
    """Find a gradient that leaks from row to row."""
    mixing = evidence.mixing
    if mixing is None:
        return CHECK.missing("no gradients between rows were taken")
    seen = (
        f"the largest gradient of one row's output by another's input is {mixing:.2g}, exact up to "
        f"rounding; threshold {LARGEST:g}"
    )
    if mixing <= LARGEST:
        return CHECK.healthy(seen)
    reason = (
        "One row's prediction must not depend on the others: look for a reshape or a mean over the "
        "wrong axis in the model."
    )
    return CHECK.found(seen, person("model", reason))
