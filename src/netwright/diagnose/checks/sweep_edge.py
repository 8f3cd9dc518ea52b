"""CK-15: the best learning rate stands at the edge of the sweep.

Signal: the place of the best rate among the rates tried. Threshold: within one step of either end (Tuning
Playbook, "bad search space boundaries"). Widen the range before believing the best; where the run's own
rate loses less than half of the best one's fall, nothing hangs on it.
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.checks.wrong_rate import OF_FALL, lost
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-15"
CHECK = Check(ID, "sweep_edge", "the best rate at the sweep's edge")


def sweep_edge(evidence: Evidence) -> Finding:
    """Find a sweep that does not enclose its best."""
    test = evidence.range_test
    if test is None or len(test.rates) < 4:
        return CHECK.missing("no range test of 4 rates or more")
    place = int(np.argmin(np.abs(np.log(test.rates / test.best))))
    seen = (
        f"the best rate {test.best:.3g} is number {place + 1} of {len(test.rates)} ({test.rates[0]:.3g} "
        f"to {test.rates[-1]:.3g}), {len(test.losses)} seeds; threshold: not within one step of an end"
    )
    works = lost(evidence, test)[0] <= OF_FALL
    if 1 < place < len(test.rates) - 2 or works:
        return CHECK.healthy(seen)
    return CHECK.found(
        seen, person("sweep", "Widen the range of rates on that side.", "sweep", "optimization")
    )
