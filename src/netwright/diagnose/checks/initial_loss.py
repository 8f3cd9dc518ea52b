"""CK-1: the loss at the start against that of a prediction that favours nothing.

Signal: mean loss at the initial weights; the loss of outputs at 0 (for classes ln K, for regression the target's
variance). The entropy of the label prior is no measure here: rare classes take it to 0, and no initial weights know it.
Threshold: more than ten times, its interval included. CS231n and Karpathy's recipe ask for ± 10 %, which only
a last layer near 0 gives; Xavier and He outputs start at up to twice ln K, or five times a target's variance,
and lose nothing (own calibration).
"""

import math

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import initialization
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-1"
CHECK = Check(ID, "initial_loss", "a start far from the label prior")
FACTOR = 10.0


def initial_loss(evidence: Evidence) -> Finding:
    """Find outputs that are sure of themselves before they have learned."""
    start = evidence.start
    if start is None or start.loss.low is None:
        return CHECK.missing("the network was not looked at before training")
    if evidence.controls.loss in ("hinge", "custom"):
        return CHECK.missing(f"the loss {evidence.controls.loss} is no entropy to compare with")
    classes = evidence.label_counts
    nothing = start.prior_loss if classes is None else math.log(len(classes))
    seen = (
        f"the loss starts at {start.loss} at 90 %, outputs at 0 give {nothing:.4g}; "
        f"threshold {FACTOR:g} times that"
    )
    if start.loss.low <= FACTOR * nothing:
        return CHECK.healthy(seen)
    return CHECK.found(
        seen, initialization(evidence, "Start with outputs near 0: the first steps only undo this.")
    )
