"""The error budget as a picture: the errors measured, and the terms they are made of, with intervals."""

from netwright.diagnose.budget import Budget, Term
from netwright.diagnose.interval import Interval
from netwright.report import style
from netwright.report.blocks import Block, Plot, Table
from netwright.report.forest import Branch, forest
from netwright.report.material import Material
from netwright.report.words import amount, between, sentence

NAMES = {"train_dev": "train-dev", "bayes": "Bayes error"}
UNKNOWN = ("not identified", "not measured")
COLOURS = {
    "error": style.MUTED,
    "bayes": style.SERIES[2],
    "term": style.SERIES[0],
    "largest": style.ACCENT,
    "unknown": style.MUTED,
}


def budget(material: Material) -> list[Block]:
    """Return the picture, and a table of how each term was measured."""
    if material.diagnosis is None:
        return []
    found = material.diagnosis.budget
    branches = [
        Branch(f"{NAMES.get(name, name)} error", between(one, found.metric), one, "error", bar=True)
        for name, one in found.errors.items()
    ]
    branches += [_branch(term, found) for term in found.terms]
    dev = found.errors.get("dev")
    percent = found.metric == "error"
    spec = forest(
        branches,
        COLOURS,
        title="share of rows" if percent else "squared error, in the target's units",
        percent=percent,
        whole=None if dev is None else dev.estimate,
    )
    summary = sentence("; ".join(f"{one.label} {one.words}" for one in branches))
    return [
        Plot(
            "The budget of the error",
            spec,
            f"{summary} Dashed where an end is not known; dotted: the dev error.",
        ),
        Table(
            "How each term was measured",
            ("term", f"share of the {found.metric}", "claim", "how", "what it rests on"),
            [
                (
                    NAMES.get(term.name, term.name),
                    _words(term, found),
                    term.verdict,
                    term.method,
                    term.assumption or "–",
                )
                for term in found.terms
            ],
            folded=True,
        ),
    ]


def _branch(term: Term, found: Budget) -> Branch:
    name, words = NAMES.get(term.name, term.name), _words(term, found)
    if term.interval is None or term.verdict in UNKNOWN:
        return Branch(name, words, Interval(None, None, None), "unknown")
    largest = found.largest is not None and found.largest.name == term.name
    kind = "largest" if largest else "bayes" if term.name == "bayes" else "term"
    return Branch(name, words, term.interval, kind, bar=True)


def _words(term: Term, found: Budget) -> str:
    if term.interval is None or term.verdict in UNKNOWN:
        return term.verdict
    if term.interval.low == term.interval.high == 0:
        return f"0, {term.verdict}"
    if term.verdict == "lower bound" and term.interval.high is None and term.interval.low is None:
        return f"at least {amount(term.interval.estimate, found.metric)}"
    return between(term.interval, found.metric)
