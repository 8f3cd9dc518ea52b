"""CK-19: flat long before the end.

Signal: training and dev loss over the last 40 % of the epochs. Threshold: neither changes by more than 0.5 % of its
whole fall, in slope or scatter, while the rate has not decayed (Tuning Playbook: less training would do; a
decayed rate is flat by design; the size is own).
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import epochs
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-19"
CHECK = Check(ID, "flat_tail", "flat long before the end")
TAIL, CHANGE, DECAYED = 0.4, 0.005, 0.2
LEAST = 10


def flat_tail(evidence: Evidence) -> Finding:
    """Find epochs that change nothing."""
    history = evidence.history
    if len(history) < LEAST or "train_loss" not in history.columns:
        return CHECK.missing(f"fewer than {LEAST} epochs of history")
    changes: list[float] = []
    for name in ("train_loss", "dev_loss"):
        if name in history.columns:
            losses = history[name].to_numpy()
            fall = float(losses[0] - losses.min())
            tail = losses[-round(TAIL * len(losses)) :]
            changes.append(float(np.ptp(tail)) / fall if fall > 0 else np.inf)
    rates = history["learning_rate"].to_numpy()
    decays = bool(rates[-1] < DECAYED * rates.max())
    seen = (
        f"in the last {TAIL:.0%} of {len(history)} epochs the losses move by at most {max(changes):.2g} "
        f"of their fall; threshold {CHANGE:g}"
    )
    if decays or max(changes) > CHANGE:
        return CHECK.healthy(seen)
    return CHECK.found(seen, epochs(evidence, "Half of the epochs would do.", 0.5))
