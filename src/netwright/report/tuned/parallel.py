"""Parallel coordinates: each trial a line across the hyperparameters (Inselberg, 1985)."""

from typing import Any

import altair as alt

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.tuned.tuning import Tuning, short, value_words
from netwright.report.words import distinct
from netwright.tune.dimensions import Choice, Dimension

MOST_AXES, MOST_LINES, MOST_LABELS = 8, 300, 6
BEST, OTHER = "the best tenth", "the others"


def parallel(tuning: Tuning) -> list[Block]:
    """Return one chart: an axis a hyperparameter, a line a trial, the best tenth above the others."""
    dimensions = dict(list(tuning.dimensions.items())[:MOST_AXES])
    if len(dimensions) < 2 or len(tuning.ordered) < 2:
        return []
    names = distinct([short(name) for name in dimensions], 16)
    shown = tuning.ordered[:MOST_LINES]
    lead = max(1, len(tuning.ordered) // 10)
    rows = [
        {
            "trial": row["number"],
            "axis": label,
            "share": dimension.share(point[name]),
            "series": BEST if rank < lead else OTHER,
        }
        for rank, row in reversed(list(enumerate(shown)))
        for label, (name, dimension) in zip(names, dimensions.items(), strict=True)
        if name in (point := tuning.points[row["number"]])
    ]
    ticks = [
        {"axis": label, "share": share, "text": text}
        for label, dimension in zip(names, dimensions.values(), strict=True)
        for share, text in _ticks(dimension)
    ]
    x = alt.X(
        "axis:N", sort=names, title=None, scale=alt.Scale(type="point", padding=0.5),
        axis=alt.Axis(labelAngle=0, labelLimit=90, grid=True, labelOverlap=False),
    )  # fmt: skip
    y = alt.Y("share:Q", axis=None, scale=alt.Scale(domain=[-0.04, 1.04], nice=False))
    layers = [_lines(rows, OTHER, x, y), _lines(rows, BEST, x, y), _words(ticks, x, y)]
    summary = (
        f"{len(shown)} trials, each a line; the {lead} with the lowest error, drawn bold, "
        f"{_where(tuning, dimensions, lead)}."
    )
    return [Plot("Trials as lines across the hyperparameters", style.spec(alt.layer(*layers), 320), summary)]


def _lines(rows: list[dict[str, Any]], kind: str, x: alt.X, y: alt.Y) -> alt.Chart:
    best = kind == BEST
    line = alt.Chart(style.data([row for row in rows if row["series"] == kind])).mark_line(
        strokeWidth=2 if best else 1, opacity=0.9 if best else 0.25
    )
    colour = alt.Scale(domain=[BEST, OTHER], range=[style.DEV, style.MUTED])
    return line.encode(
        x=x,
        y=y,
        detail="trial:N",
        color=alt.Color("series:N", scale=colour, legend=alt.Legend(symbolType="stroke")),
    )


def _words(ticks: list[dict[str, Any]], x: alt.X, y: alt.Y) -> alt.Chart:
    text = alt.Chart(style.data(ticks)).mark_text(align="left", dx=4, fontSize=11, color=style.INK)
    return text.encode(x=x, y=y, text="text:N")


def _ticks(dimension: Dimension) -> list[tuple[float, str]]:
    """Return what is written along an axis: the bounds, or the values when they are few."""
    if not isinstance(dimension, Choice):
        return [(dimension.share(end), value_words(end)) for end in (dimension.low, dimension.high)]
    values = dimension.stored
    kept = values if len(values) <= MOST_LABELS else (values[0], values[-1])
    return [
        (dimension.share(value), label)
        for value, label in zip(kept, distinct(map(value_words, kept), 12), strict=True)
    ]


def _where(tuning: Tuning, dimensions: dict[str, Dimension], lead: int) -> str:
    said: list[str] = []
    for name, dimension in dimensions.items():
        points = [tuning.points[row["number"]] for row in tuning.ordered[:lead]]
        values = [point[name] for point in points if name in point]
        if not values:
            continue
        if isinstance(dimension, Choice):
            words = ", ".join(dict.fromkeys(map(value_words, values)))
        else:
            words = f"{value_words(min(values))} to {value_words(max(values))}"
        said.append(f"{short(name)} {words}")
    return "have " + "; ".join(said)
