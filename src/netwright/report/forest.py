"""Intervals one below the other, each with its name and numbers above it: readable at any width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from netwright.diagnose.interval import Interval
from netwright.report import style

ROW, DOWN, UP = 42, 9, -8
"""Pixels of a row, and how far its drawing lies below the middle and its words above."""


@dataclass(frozen=True)
class Branch:
    """One row.

    Attributes:
      label, words: "estimation" and "3.1 % [2.4 %, 3.9 %]".
      interval: an end that is not known is drawn dashed.
      kind: decides its colour.
      bar: whether a bar is drawn from 0 to the estimate.
    """

    label: str
    words: str
    interval: Interval
    kind: str
    bar: bool = False


def forest(
    branches: Sequence[Branch],
    colours: Mapping[str, str],
    *,
    title: str,
    percent: bool,
    whole: float | None = None,
) -> dict[str, Any]:
    """Return the chart; ``whole`` is where a dotted line stands, and where what has no upper end is drawn to."""
    known = [
        end
        for one in branches
        for end in (one.interval.low, one.interval.estimate, one.interval.high)
        if end is not None
    ]
    bottom, top = min([0.0, *known]), max([whole or 0.0, *known, 1e-12])
    rows = [
        _row(one, bottom, top if whole is None else whole) | {"place": i} for i, one in enumerate(branches)
    ]
    names = list(dict.fromkeys(one.kind for one in branches))
    colour = alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=names, range=[colours[name] for name in names])
    )
    axis = alt.Axis(format=".2~%" if percent else ",~r", tickCount=5)
    scale = alt.Scale(domain=[bottom, top * 1.04], nice=False)
    base = alt.Chart(style.data(rows)).encode(y=alt.Y("place:O", axis=None))
    dashes = alt.condition("datum.open", alt.value([3, 4]), alt.value([1, 0]))
    layers = [
        base.transform_filter("datum.bar")
        .mark_bar(height=12, opacity=0.3, cornerRadius=2, yOffset=DOWN)
        .encode(x=alt.X("estimate:Q", title=title, scale=scale, axis=axis), color=colour),
        base.mark_rule(strokeWidth=2.5, yOffset=DOWN).encode(
            x=alt.X("from:Q", title=title, scale=scale, axis=axis), x2="to:Q", strokeDash=dashes, color=colour
        ),
        base.mark_point(size=70, opacity=1, yOffset=DOWN).encode(x=alt.X("estimate:Q"), color=colour),
        base.mark_text(align="left", dy=UP, fontSize=13, color=style.INK).encode(
            x=alt.value(2), text="text:N"
        ),
    ]
    if whole is not None:
        line = alt.Chart(style.data([{"at": whole}])).mark_rule(
            color=style.MUTED, strokeDash=[2, 3], opacity=0.6
        )
        layers.insert(0, line.encode(x=alt.X("at:Q")))
    return style.spec(alt.layer(*layers), ROW * len(rows))


def _row(one: Branch, bottom: float, end: float) -> dict[str, Any]:
    low, high = one.interval.low, one.interval.high
    alone = low is None and high is None and one.interval.estimate is not None
    return {
        "text": f"{one.label}: {one.words}",
        "estimate": one.interval.estimate,
        "from": one.interval.estimate if alone else (bottom if low is None else low),
        "to": one.interval.estimate if alone else (max(end, low or 0.0) if high is None else high),
        "open": low is None or high is None,
        "kind": one.kind,
        "bar": one.bar and one.interval.estimate is not None,
    }
