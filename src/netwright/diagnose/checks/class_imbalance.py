"""CK-28: class imbalance, or a class that is missed.

Signals: the largest class over the smallest in the training rows; the share of dev rows of a class that are
predicted as another. Thresholds: a ratio above 10; a miss rate above .7 whose interval lies above .4
(imbalance as in the design; .7 where weights could still help). Either way the class must be rare beyond chance: its
share's interval (90 %, over all classes) below an even share, for in few rows some class is always the smallest.
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import of_proportion

ID = "CK-28"
CHECK = Check(ID, "class_imbalance", "class imbalance")
RATIO, MISSED, SURELY, LEARNED = 10.0, 0.7, 0.4, 0.9


def class_imbalance(evidence: Evidence) -> Finding:
    """Find classes that are too rare to be learned at equal weight."""
    counts = evidence.label_counts
    if evidence.task == "regression":
        return CHECK.missing("a regression has 0 classes")
    if counts is None:
        return CHECK.missing("the classes were not counted")
    ratio = float(counts.max() / max(1, counts.min()))
    seen = (
        f"the largest class has {ratio:.3g} times the rows of the smallest ({int(counts.min())}); "
        f"threshold {RATIO:g}"
    )
    worst = ""
    missed = False
    if evidence.dev is not None:
        predicted = evidence.dev.outputs.argmax(axis=1)
        present = [k for k in range(len(counts)) if (evidence.dev.truth == k).any()]
        rates = {k: float(np.mean(predicted[evidence.dev.truth == k] != k)) for k in present}
        k = max(rates, key=lambda code: rates[code])
        rows = int((evidence.dev.truth == k).sum())
        share = of_proportion(round(rates[k] * rows), rows)
        worst = (
            f"; of the worst class a share {share} of {rows} dev rows is missed (90 %); threshold {MISSED:g}"
        )
        # A network that has learned nothing misses all but one class; that is another fault.
        wrong = float(np.mean(predicted != evidence.dev.truth))
        learned = wrong < LEARNED * (1 - counts.max() / counts.sum())
        often = rates[k] > MISSED and (share.low or 0.0) > SURELY
        missed = learned and often and ratio > 2 and rare(counts, k)
    weighted = evidence.controls.data.class_weight is not None
    if weighted or not ((ratio > RATIO and rare(counts, int(counts.argmin()))) or missed):
        note = ", and classes are weighted already" if weighted else ""
        return CHECK.healthy(seen + worst + note)
    settings = {"data.class_weight": "balanced"}
    reason = "Weigh the classes so that each counts the same; judge it by the worst class, not by the error."
    return CHECK.found(seen + worst, Prescription("data.class_weight", settings, reason))


def rare(counts: np.ndarray, k: int) -> bool:
    """Return whether class k is surely rarer than an even share."""
    share = of_proportion(int(counts[k]), int(counts.sum()), 1 - 0.1 / len(counts))
    assert share.high is not None
    return share.high < 1 / len(counts)
