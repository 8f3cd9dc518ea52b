"""What to do next: mend a fault, stop, lower the largest term, or measure what would tell which it is."""

from collections.abc import Mapping, Sequence

from netwright.diagnose.budget import Budget
from netwright.diagnose.finding import Finding, Prescription


def prescribe(
    budget: Budget, findings: Sequence[Finding], remedies: Mapping[str, Prescription], *, quick: bool = False
) -> Prescription:
    """Return the one thing to do next.

    In this order: the gravest fault; nothing, when the dev error reaches the Bayes error; the control of the
    largest term, when its interval lies above all others; what a check has found against a term that is not shown
    to be small; the cheapest measurement that would separate the two largest terms.

    Args:
      budget: the error and its terms.
      findings: of all checks, the gravest first.
      remedies: term → the control that lowers it, from this run's own controls.
      quick: whether the trainings were left out.
    """
    found = [(f, f.prescription) for f in findings if f.status == "found" and f.prescription is not None]
    for _, prescription in found:
        if not prescription.term:
            return prescription
    if budget.at_the_limit:
        dev, limit = budget.errors["dev"], budget["bayes"].interval
        reason = f"the dev error, {dev}, cannot be told from the Bayes error, {limit}: stop here"
        return Prescription("none", reason=reason, verify="R")
    largest = budget.largest
    if largest is not None:
        for _, prescription in found:
            if prescription.term == largest.name:
                return prescription
        return remedies[largest.name]
    for _, prescription in found:
        if prescription.term != "bayes" and not _shown_small(budget, prescription.term):
            return prescription
    return _measurement(budget, quick)


def _shown_small(budget: Budget, name: str) -> bool:
    mine = next((term.interval for term in budget.terms if term.name == name), None)
    return mine is not None and any(
        term.interval is not None and term.interval.above(mine) for term in budget.reducible
    )


def _measurement(budget: Budget, quick: bool) -> Prescription:
    """Return the cheapest measurement that would tell the two largest terms apart."""
    names = " and ".join(term.name for term in budget.ranked[:2])
    unknown = [t.name for t in budget.reducible if t.interval is None and t.name != "dev overfit"]
    if quick:
        how = "the full diagnosis, which trains the network again: leave out --quick"
    elif unknown:
        how = f"more time, to measure {' and '.join(unknown)}: --budget"
    elif budget["bayes"].verdict != "bounded":
        how = "more held-out rows or repeated labels, to bound the Bayes error"
    else:
        how = "more dev rows, or a learning curve with more sizes and seeds (nw.learning_curve)"
    return Prescription("measure", reason=f"{names} cannot be told apart; what would tell: {how}", verify="R")
