"""CK-3: the inputs make no difference.

Signal: mean loss on dev rows with inputs at zero minus that with the real inputs. Threshold: not above 3
standard errors (Karpathy's recipe, "input-independent baseline"). If the network could learn at all, rows of the
inputs and of the targets do not belong together.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-3"
CHECK = Check(ID, "blind_to_input", "inputs that make no difference")
STANDARD_ERRORS = 3.0


def blind_to_input(evidence: Evidence) -> Finding:
    """Find a network that has learned nothing from its inputs."""
    gap = evidence.zeroed_gap
    if gap is None or gap.low is None or gap.estimate is None:
        return CHECK.missing("the loss with inputs at zero was not taken")
    error = (gap.estimate - gap.low) / 1.645
    seen = (
        f"inputs at zero cost {gap} more than real ones (90 %); threshold {STANDARD_ERRORS:g} standard "
        f"errors, {STANDARD_ERRORS * error:.3g}"
    )
    if gap.estimate > STANDARD_ERRORS * error:
        return CHECK.healthy(seen)
    reason = "Check the data pipeline: do the rows of the features and of the target belong together?"
    return CHECK.found(seen, person("data", reason))
