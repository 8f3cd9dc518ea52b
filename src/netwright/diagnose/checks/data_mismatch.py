"""CK-24: dev rows come from another distribution.

Signals: the budget's shift term (Machine Learning Yearning, chapters 36 to 43) and the shift test of
:func:`netwright.shift.detect` between training and dev rows. Threshold: the term above every other, or a shift
that the test detects and that harms.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-24"
CHECK = Check(ID, "data_mismatch", "data mismatch")


def data_mismatch(evidence: Evidence) -> Finding:
    """Find dev rows unlike the training rows."""
    term = evidence.budget.largest if evidence.budget is not None else None
    shift = evidence.shift
    if evidence.budget is None and shift is None:
        return CHECK.missing("neither a budget nor a shift test")
    reason = "Train on rows like those that count, or try the remedies of nw.shift: weights, CORAL, AdaBN."
    if term is not None and term.name == "shift":
        seen = f"the shift term is {term.interval} (90 %), above every other; threshold: intervals apart"
        return CHECK.found(seen, person("data", reason, "P", "shift"))
    if shift is not None and shift.detected:
        p = shift.p_value
        seen = f"train and dev rows differ, p = {p:.2g}; threshold 0.01"
        if p < 0.01:
            return CHECK.found(seen, person("data", reason, "P", "shift"))
    return CHECK.healthy("no shift between train and dev rows is found: 0 tests below the threshold 0.01")
