"""The verdict of a comparison in words, for the page and the terminal."""

from netwright.compare.comparison import Comparison
from netwright.compare.entry import Entry
from netwright.core.names import listed
from netwright.report.words import between, cut


def headline(comparison: Comparison) -> str:
    """Return which alternative has the lowest dev error, and which cannot be told from it."""
    best, metric = comparison.best, comparison.metric
    text = (
        f"Of {len(comparison.entries)} alternatives {cut(best.name)} has the lowest dev {metric}, "
        f"{between(best.interval, metric)}."
    )
    near = [cut(entry.name) for entry in comparison.entries[1:] if not told_apart(entry, best)]
    if near:
        text += f" Not told from it by these seeds and rows: {listed(near)}."
    return text


def told_apart(entry: Entry, best: Entry) -> bool:
    """Whether an alternative is worse than the best beyond noise; diverged trainings are."""
    apart = entry.minus(best)
    return entry.diverged > best.diverged if apart is None else apart.clear
