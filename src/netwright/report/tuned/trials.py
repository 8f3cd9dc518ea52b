"""The trials as tables: the best, all, and those that failed with their reasons."""

from typing import Any

from netwright.report.blocks import Block, Table
from netwright.report.tuned.tuning import Tuning, short, value_words
from netwright.report.words import amount, cut

LEADERS, MOST_ROWS = 5, 200


def leaders(tuning: Tuning) -> list[Block]:
    """Return the best trials, a row each."""
    if not tuning.ranked:
        return []
    return [_table("The best trials", tuning, tuning.ranked[:LEADERS], folded=False)]


def trials(tuning: Tuning) -> list[Block]:
    """Return all trials by number, or so many of the best as a page holds."""
    rows = tuning.trials.to_dicts()
    if len(rows) > MOST_ROWS:
        rows = sorted(tuning.ranked[:MOST_ROWS], key=lambda row: row["number"])
        return [
            _table(
                f"The best {len(rows)} of {len(tuning.trials)} trials, by number", tuning, rows, folded=True
            )
        ]
    return [_table("All trials, by number", tuning, rows, folded=True)]


def failures(tuning: Tuning) -> list[Block]:
    """Return the trials that failed, and why."""
    rows = [
        (str(row["number"]), tuning.setting(row), cut(row["reason"], 200))
        for row in tuning.trials.to_dicts()
        if row["reason"]
    ]
    if not rows:
        return []
    return [
        Table(
            "Failed trials",
            ("number", "hyperparameters", "reason"),
            rows[:MOST_ROWS],
            folded=len(rows) > LEADERS,
        )
    ]


def _table(caption: str, tuning: Tuning, rows: list[dict[str, Any]], *, folded: bool) -> Table:
    names = list(tuning.dimensions)
    heads = ("number", f"dev {tuning.metric}", *map(short, names), "epochs", "ended")
    cells = [
        (
            str(row["number"]),
            amount(row["value"], tuning.metric),
            *(value_words(point[name]) if name in point else "–" for name in names),
            "–" if row["epochs"] is None else f"{row['epochs']:,}",
            row["state"].lower(),
        )
        for row in rows
        for point in [tuning.points[row["number"]]]
    ]
    return Table(caption, heads, cells, numbers=frozenset(range(1, len(heads) - 1)), folded=folded)
