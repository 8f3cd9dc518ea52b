"""CK-14: the loss blows up at little more than the best rate.

Signal: the range test's losses at the next rate that is at least twice the best one. Threshold: worse than an
untrained network in every seed, while the run's rate is at the best or above it (Tuning Playbook: a model
that is unstable just above its best rate is held back by that). Remedy: warm-up, then clipping.
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import rate_of
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-14"
CHECK = Check(ID, "unstable_rate", "instability just above the best rate")
FACTOR = 2.0


def unstable_rate(evidence: Evidence) -> Finding:
    """Find a best rate that is best only because the next one breaks."""
    test, start = evidence.range_test, evidence.start
    if test is None or start is None:
        return CHECK.missing("no range test")
    above = np.flatnonzero(test.rates >= FACTOR * test.best)
    if len(above) == 0:
        return CHECK.missing(f"no rate above {FACTOR:g} times the best was tried")
    after = test.losses[:, above[0]]
    worst = max(start.prior_loss, start.loss.estimate or 0.0)
    broken = int(np.sum(~(after < worst)))
    rate = float(test.rates[above[0]])
    seen = (
        f"at rate {rate:.3g} ({rate / test.best:.2g} times the best) {broken} of {len(after)} seeds end "
        f"worse than untrained ({worst:.3g}); threshold all"
    )
    if broken < len(after) or rate_of(evidence.controls) < test.best:
        return CHECK.healthy(seen)
    settings = {"optimization.schedule.warmup": max(1.0, int(evidence.controls.optimization.epochs) / 10)}
    reason = "Warm the rate up over the first tenth; clip the gradient if that is not enough."
    return CHECK.found(seen, Prescription("optimization.schedule", settings, reason, "optimization", "Q"))
