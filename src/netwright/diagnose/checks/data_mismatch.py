"""CK-24: dev rows come from another distribution.

Signals: the budget's shift term (Machine Learning Yearning, chapters 36 to 43) and the shift test of
:func:`netwright.shift.detect` between training and dev rows. Threshold: the term above every other, or a
p-value below .01 after Bonferroni's correction over all columns and tests (own: one false alarm in 100 runs).
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding
from netwright.diagnose.shift.report import ShiftReport

ID = "CK-24"
CHECK = Check(ID, "data_mismatch", "data mismatch")
LARGEST_P = 0.01


def data_mismatch(evidence: Evidence) -> Finding:
    """Find dev rows unlike the training rows."""
    term = evidence.budget.largest if evidence.budget is not None else None
    shift: ShiftReport | None = evidence.shift
    if evidence.budget is None and shift is None:
        return CHECK.missing("neither a budget nor a shift test")
    reason = "Train on rows like those that count, or try the remedies of nw.shift: weights, CORAL, AdaBN."
    if term is not None and term.name == "shift":
        seen = f"the shift term is {term.interval} (90 %), above every other; threshold: intervals apart"
        return CHECK.found(seen, person("data", reason, "P", "shift"))
    if shift is None:
        return CHECK.healthy(
            f"the shift term is {term.interval if term else None} (90 %); threshold: above every other"
        )
    p, where = smallest_p(shift)
    harm = "" if shift.harm is None else f", and the error rises by {shift.harm} (90 %)"
    seen = (
        f"train and dev rows differ most in {where}, p = {p:.2g} after correction for all tests{harm}; "
        f"threshold {LARGEST_P:g}"
    )
    if p < LARGEST_P:
        return CHECK.found(seen, person("data", reason, "P", "shift"))
    return CHECK.healthy(seen)


def smallest_p(shift: ShiftReport) -> tuple[float, str]:
    """Return the smallest corrected p-value, and what it is of."""
    found = [(test.corrected_p, test.name) for test in shift.joint]
    found += [
        (row["corrected_p"], f"column '{row['column']}'") for row in shift.features.iter_rows(named=True)
    ]
    return min(found, default=(1.0, "nothing"))
