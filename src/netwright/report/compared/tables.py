"""The tables of a comparison: scores, and the controls that differ."""

import math

import numpy as np

from netwright.compare.comparison import Comparison
from netwright.compare.entry import Entry
from netwright.report.blocks import Block, Note, Table
from netwright.report.command import settings_words
from netwright.report.words import amount, between, cut

NOTHING = "–"


def scores(comparison: Comparison) -> list[Block]:
    """Return a row an alternative, and what the columns mean."""
    heads, rows = scored(comparison)
    level = amount(comparison.level, comparison.metric)
    text = (
        "Intervals hold at 90 %: of the mean over seeds and, where the dev rows are at hand, over those. "
        f"Steps: the median over seeds to the first epoch whose dev {comparison.metric} is at most {level}. "
        "Spread: the standard deviation over seeds. Relapse: how far the error rose above its lowest on the way."
    )
    numbers = frozenset(range(1, len(heads)))
    return [Table("Alternatives, lowest dev error first", heads, rows, numbers=numbers), Note(text)]


def scored(comparison: Comparison) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the headings of the table of scores and its rows, as texts."""
    metric = comparison.metric
    level = amount(comparison.level, metric)
    heads = (
        "alternative",
        "rate",
        f"dev {metric}",
        "beyond the first",
        f"steps to {level}",
        "spread",
        "relapse",
    )
    return heads, [_row(comparison, entry) for entry in comparison.entries]


def _row(comparison: Comparison, entry: Entry) -> tuple[str, ...]:
    metric = comparison.metric
    apart = None if entry is comparison.best else entry.minus(comparison.best)
    error = between(entry.interval, metric)
    if entry.diverged:
        error = f"{error}, {entry.diverged} of {len(entry.seeds)} diverged"
    return (
        cut(entry.name),
        f"{float(entry.controls.optimization.learning_rate):g}",
        error,
        NOTHING if apart is None else between(apart.interval, metric),
        _steps(entry.steps_to(comparison.level)),
        _known(entry.spread, metric),
        _known(entry.relapse, metric),
    )


def _known(value: float, metric: str) -> str:
    return amount(value, metric) if math.isfinite(value) else NOTHING


def _steps(steps: np.ndarray) -> str:
    reached = int(np.isfinite(steps).sum())
    middle = float(np.median(steps))
    if not math.isfinite(middle):
        return f"reached by {reached} of {len(steps)}" if reached else "never"
    return f"{middle:,.0f}" + ("" if reached == len(steps) else f" ({reached} of {len(steps)})")


def differences(comparison: Comparison) -> list[Block]:
    """Return the controls in which the alternatives differ, but for the learning rate; nothing where that is all."""
    unlike = comparison.differences
    if not any(unlike.values()):
        return []
    rows = [(cut(name), cut(settings_words(one), 400) if one else NOTHING) for name, one in unlike.items()]
    return [Table("Controls but for the learning rate", ("alternative", "controls"), rows)]
