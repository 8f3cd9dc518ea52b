"""CK-2: twenty rows cannot be learned by heart.

Signal: the loss on 20 training rows after training on them alone, without any regularizer, at the best of three
rates. Threshold: above a tenth of the loss of a constant prediction, in most seeds (CS231n: "make sure you can
achieve zero cost"; one lucky start is no ability). The network is too small for anything, or has a bug.
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person, wider
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-2"
CHECK = Check(ID, "cannot_overfit", "unable to overfit 20 rows")
SHARE = 0.1
NARROW = 8


def cannot_overfit(evidence: Evidence) -> Finding:
    """Find a network that cannot even memorize."""
    losses, start = evidence.overfit_loss, evidence.start
    if losses is None or start is None:
        return CHECK.missing("no training on 20 rows")
    limit = SHARE * start.prior_loss
    seen = (
        f"after training on 20 rows alone the loss is {np.median(losses):.3g} ({losses.min():.3g} to "
        f"{losses.max():.3g} over {len(losses)} seeds); threshold {limit:.3g}"
    )
    if np.median(losses) <= limit:
        return CHECK.healthy(seen)
    hidden = evidence.controls.architecture.hidden
    if not hidden or min(int(width) for width in hidden) <= NARROW:
        return CHECK.found(seen, wider(evidence, "The hidden layers are too narrow to hold 20 rows."))
    return CHECK.found(
        seen, person("model", "No rate learns 20 rows: look for a bug in the model or the data.")
    )
