"""A diagnosis as ten lines of text, and as a small table for notebooks."""

from collections.abc import Sequence
from html import escape

from netwright.diagnose.budget import Budget, Term
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import Interval

WIDTH = 30
MOST_FINDINGS = 3


def text(
    name: str, budget: Budget, findings: Sequence[Finding], prescription: Prescription, seconds: float
) -> str:
    """Return the verdict, the budget with a bar a term, what was found, what to do, and what was not measured."""
    lines = [verdict(name, budget)]
    lines += [
        f"  {term.name:<14}{bar_of(term, budget)}  {shown(term.interval)}  {term.verdict}"
        for term in budget.terms
        if term.interval is not None
    ]
    found = [f for f in findings if f.status == "found"]
    names = ", ".join(f"{f.title} ({f.check})" for f in found[:MOST_FINDINGS])
    more = f" and {len(found) - MOST_FINDINGS} more" if len(found) > MOST_FINDINGS else ""
    checked = sum(f.status != "not measured" for f in findings)
    lines.append(f"found:  {names}{more}" if found else f"found:  nothing wrong in {checked} checks")
    lines.append(f"next:   {said(prescription)}")
    missing = missing_of(budget, findings)
    lines.append(f"not measured: {missing or 'nothing'}; took {seconds:.0f} s")
    return "\n".join(lines)


def verdict(name: str, budget: Budget) -> str:
    """Return one sentence: the errors, and what the dev error is mostly made of."""
    errors = ", ".join(f"{split.replace('_', '-')} {shown(i)}" for split, i in budget.errors.items())
    if budget.at_the_limit:
        reason = "the dev error is at the Bayes error"
    elif budget.largest is not None:
        reason = f"held back by {budget.largest.name}"
    else:
        reason = "no reducible term stands out"
    return f"{name}: {reason}; {budget.metric}: {errors}"


def said(prescription: Prescription) -> str:
    """Return a prescription in words, with its settings as the command line takes them."""
    settings = " ".join(f"--set {name}={_value(value)}" for name, value in prescription.settings.items())
    return f"{settings or prescription.control}: {prescription.reason}"


def missing_of(budget: Budget, findings: Sequence[Finding]) -> str:
    """Return what was not measured, and why."""
    terms = [f"{term.name} ({term.method})" for term in budget.terms if term.interval is None]
    checks = [f.check for f in findings if f.status == "not measured"]
    return ", ".join([*terms, *([f"{len(checks)} checks"] if checks else [])])


def bar_of(term: Term, budget: Budget) -> str:
    """Return the bar of a term on the scale that all terms of the budget share; nothing for an unknown term."""
    return "" if term.interval is None else bar(term.interval, _scale(budget))


def bar(interval: Interval, scale: float) -> str:
    """Return ``···━━━●━━···``: the interval as a line, the estimate as a dot, over 0 … ``scale``."""

    def place(value: float) -> int:
        return round(min(max(value / scale, 0.0), 1.0) * (WIDTH - 1))

    low = place(interval.low if interval.low is not None else 0.0)
    high = place(interval.high if interval.high is not None else scale)
    marks = ["━" if low <= i <= high else "·" for i in range(WIDTH)]
    if interval.estimate is not None:
        marks[place(interval.estimate)] = "●"
    return "".join(marks)


def shown(interval: Interval) -> str:
    """Return an interval to three digits."""
    low, estimate, high = (
        "?" if v is None else f"{v:.3g}" for v in (interval.low, interval.estimate, interval.high)
    )
    return f"{low} to {high}" if interval.estimate is None else f"{estimate} ({low} to {high})"


def html(
    name: str, budget: Budget, findings: Sequence[Finding], prescription: Prescription, seconds: float
) -> str:
    """Return the same as HTML; every name is escaped."""
    rows = "".join(
        f"<tr><td>{escape(t.name)}</td><td><code>{bar_of(t, budget)}</code></td>"
        f"<td>{shown(t.interval) if t.interval else ''}</td><td title='{escape(t.method, quote=True)}'>"
        f"{escape(t.verdict)}</td></tr>"
        for t in budget.terms
    )
    found = "".join(
        f"<li>{escape(f.title)} ({escape(f.check)}): {escape(f.evidence)}</li>"
        for f in findings
        if f.status == "found"
    )
    return (
        f"<p><b>{escape(verdict(name, budget))}</b></p><table>{rows}</table>"
        f"<ul>{found or '<li>no check found anything wrong</li>'}</ul>"
        f"<p>Next: {escape(said(prescription))}</p><p>{seconds:.0f} s</p>"
    )


def _scale(budget: Budget) -> float:
    ends = [end for term in budget.terms for end in _ends(term)] + [budget.errors["dev"].estimate or 0.0]
    return max(ends) or 1.0


def _ends(term: Term) -> list[float]:
    if term.interval is None:
        return []
    return [end for end in (term.interval.estimate, term.interval.high) if end is not None]


def _value(value: object) -> str:
    return (
        f"{value:g}" if isinstance(value, float) else "null" if value is None else str(value).replace(" ", "")
    )
