"""CK-26: a column that gives the target away, or rows that stand in two splits.

Signals: the predictive power score of each column alone (0: as good as the best constant; 1: perfect; a
cross-validated tree), and rows of dev and test whose features also stand in the training rows.
Thresholds: a score above .95 (PPS > .8 in the design; real tables such as iris have honest columns at .93) that
leaves at most a third of the next column's shortfall; a share of repeated rows whose interval (90 %) lies above 2 %
(any in the design; real tables such as iris hold a repeat or two). Own calibration.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding
from netwright.diagnose.interval import of_proportion

ID = "CK-26"
CHECK = Check(ID, "leak", "a leak of the target")
SCORE, SHARE_OF_NEXT = 0.95, 1 / 3
SHARE = 0.02


def leak(evidence: Evidence) -> Finding:
    """Find a column that predicts alone, and duplicates across splits."""
    scores, duplicates = evidence.feature_scores, evidence.duplicates
    if scores is None and duplicates is None:
        return CHECK.missing("neither single columns nor duplicates were looked at")
    seen: list[str] = []
    if scores:
        ranked = sorted(scores, key=lambda name: scores[name], reverse=True)
        best = ranked[0]
        following = scores[ranked[1]] if len(ranked) > 1 else 0.0
        seen.append(
            f"column '{best}' alone scores {scores[best]:.3f}, the next {following:.3f} (0 "
            "constant, 1 perfect, "
            f"5-fold; threshold {SCORE:g})"
        )
        if scores[best] > SCORE and 1 - scores[best] <= SHARE_OF_NEXT * (1 - following):
            reason = (
                f"Column '{best}' gives the target away: leave it out, unless it is known before the "
                "target is."
            )
            return CHECK.found(seen[-1], person("data", reason, "P"))
    for split in ("dev", "test"):
        rows = evidence.rows.get(split, 0)
        if duplicates is None or split not in duplicates or rows == 0:
            continue
        share = of_proportion(duplicates[split], rows)
        seen.append(
            f"{duplicates[split]} of {rows} {split} rows also stand in the training rows, share "
            f"{share} at 90 %; "
            f"threshold {SHARE:g}"
        )
        assert share.low is not None
        if share.low > SHARE:
            reason = (
                "Rows stand in several splits: drop the repeats, or split by the group they belong to "
                "(data.split=group)."
            )
            return CHECK.found(seen[-1], person("data", reason, "P"))
    return CHECK.healthy("; ".join(seen) or "no columns and no held-out rows to look at: 0 found")
