"""CK-27: label noise, by confident learning.

Signal: each training row is predicted by models that never saw it; a label is suspect when another class is
predicted with at least that class's own mean confidence (Northcutt, Jiang and Chuang, "Confident Learning", 2021).
Overlapping classes make suspects too, but not among the rows that are easiest: so the share is taken among the
quarter of rows predicted most surely. Threshold: its interval (90 %) above 4 % (own calibration).
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence, Predictions
from netwright.diagnose.finding import Finding
from netwright.diagnose.interval import of_proportion

ID = "CK-27"
CHECK = Check(ID, "label_noise", "label noise")
SHARE, SURE = 0.04, 0.25


def label_noise(evidence: Evidence) -> Finding:
    """Find labels that contradict rows that are easy to tell."""
    if evidence.crossfit is None:
        return CHECK.missing("no cross-fitted predictions of the training rows")
    suspects = suspect_labels(evidence.crossfit)
    confidence = evidence.crossfit.outputs.max(axis=1)
    sure = np.argsort(-confidence, kind="stable")[: max(1, round(SURE * len(confidence)))]
    share = of_proportion(int(suspects[sure].sum()), len(sure))
    seen = (
        f"{int(suspects.sum())} of {len(suspects)} labels are suspect, among the {len(sure)} surest "
        "rows a share "
        f"{share} (90 %); threshold {SHARE:g}"
    )
    if (share.low or 0.0) <= SHARE:
        return CHECK.healthy(seen)
    reason = "Look at the suspect rows and relabel or drop them; a clean subset tells what that is worth."
    return CHECK.found(seen, person("labels", reason, "clean subset", "bayes"))


def suspect_labels(crossfit: Predictions) -> np.ndarray:
    """Return (m,) whether another class than the label reaches that class's mean confidence."""
    p, labels = crossfit.outputs, crossfit.truth.astype(np.int64)
    classes = p.shape[1]
    own = [p[labels == k, k].mean() if (labels == k).any() else 1.0 for k in range(classes)]
    reaches = p >= np.array(own)
    candidate = np.where(reaches, p, -1.0).argmax(axis=1)
    return reaches.any(axis=1) & (candidate != labels)
