"""How sensitive the error is to each hyperparameter: importances and one-dimensional profiles."""

from typing import Any

import altair as alt
import numpy as np

from netwright.report import style
from netwright.report.blocks import Block, Note, Plot
from netwright.report.tuned.tuning import Tuning, short, value_words
from netwright.report.words import amount, distinct
from netwright.tune.dimensions import Choice, Dimension
from netwright.tune.sensitivity import Profile

MOST_PROFILES = 8
MOST_POINTS = 200
ROW = 30


def importances(tuning: Tuning) -> list[Block]:
    """Return a bar a hyperparameter: the share of the variance that it explains alone."""
    found = tuning.sensitivity
    if not found.importances:
        return [Note(f"{found.trials} trials have a value: too few to tell what matters.")]
    names = [*distinct([short(name) for name in found.importances]), "interactions"]
    shares = [*found.importances.values(), found.interactions]
    rows = [{"series": name, "share": share} for name, share in zip(names, shares, strict=True)]
    base = alt.Chart(style.data(rows)).encode(
        y=alt.Y("series:N", sort=names, title=None, axis=alt.Axis(labelLimit=170)),
        x=alt.X("share:Q", title="share of the variance explained", axis=alt.Axis(format=".0%", tickCount=5)),
    )
    colour = alt.condition("datum.series == 'interactions'", alt.value(style.MUTED), alt.value(style.TRAIN))
    chart = base.mark_bar(height=14, cornerRadius=2).encode(color=colour)
    said = "; ".join(f"{name} {100 * share:.0f}\u00a0%" for name, share in zip(names, shares, strict=True))
    summary = (
        f"{said}. Functional ANOVA on a random forest over {found.trials} trials; interactions are what no "
        "hyperparameter explains alone."
    )
    return [Plot("Importance of each hyperparameter", style.spec(chart, ROW * len(rows)), summary)]


def profiles(tuning: Tuning) -> list[Block]:
    """Return a chart a hyperparameter: the error along its values, with a band."""
    found, dimensions = tuning.sensitivity.profiles, tuning.dimensions
    names = [name for name in dimensions if name in found][:MOST_PROFILES]
    return [_chart(tuning, name, dimensions[name], found[name]) for name in names]


def _chart(tuning: Tuning, name: str, dimension: Dimension, profile: Profile) -> Plot:
    ends = zip(profile.points, profile.middle, profile.low, profile.high, strict=True)
    rows = [{"at": point, "middle": middle, "low": low, "high": high} for point, middle, low, high in ends]
    top = max(
        max(profile.high), *(row["value"] for row in tuning.ranked[: max(1, len(tuning.ranked) * 3 // 4)])
    )
    seen = [
        {"at": point[name], "value": row["value"]}
        for row in tuning.rows
        if name in (point := tuning.points[row["number"]]) and row["value"] <= top
    ]
    seen = [
        seen[place]
        for place in np.unique(np.linspace(0, len(seen) - 1, min(len(seen), MOST_POINTS)).astype(int))
    ]
    title = f"dev {tuning.metric}"
    axis = alt.Axis(tickCount=5, format=".2~%" if tuning.metric == "error" else "~g")
    y = alt.Scale(zero=False)
    if isinstance(dimension, Choice):
        labels = dict(zip(profile.points, distinct(map(value_words, profile.points), 18), strict=True))
        for row in [*rows, *seen]:
            row["at"] = labels[row["at"]]
        layers = _steps(rows, seen, list(labels.values()), title, y, axis)
    else:
        layers = _line(rows, seen, dimension, title, y, axis)
    best = rows[int(np.argmin(profile.middle))]
    worst = rows[int(np.argmax(profile.middle))]
    summary = (
        f"Averaged over the other hyperparameters the error is lowest at {value_words(best['at'])}, "
        f"{amount(best['middle'], tuning.metric)}, and highest at {value_words(worst['at'])}, "
        f"{amount(worst['middle'], tuning.metric)}. The band holds 90\u00a0% of the forest's trees; dots are trials."
    )
    return Plot(f"Error along {distinct([short(name)])[0]}", style.spec(alt.layer(*layers), 200), summary)


def _line(
    rows: list[dict[str, Any]],
    seen: list[dict[str, Any]],
    dimension: Any,
    title: str,
    y: alt.Scale,
    axis: alt.Axis,
) -> list[alt.Chart]:
    scale = alt.Scale(type="log", nice=False) if dimension.log else alt.Scale(nice=False, zero=False)
    x = alt.X("at:Q", title=None, scale=scale, axis=alt.Axis(format="~g", tickCount=6, grid=False))
    base = alt.Chart(style.data(rows)).encode(x=x)
    return [
        base.mark_area(opacity=0.18, color=style.TRAIN).encode(
            y=alt.Y("low:Q", title=title, scale=y, axis=axis), y2="high:Q"
        ),
        _dots(seen, x, title, y, axis),
        base.mark_line(color=style.TRAIN).encode(y=alt.Y("middle:Q", title=title, scale=y, axis=axis)),
    ]


def _steps(
    rows: list[dict[str, Any]],
    seen: list[dict[str, Any]],
    names: list[str],
    title: str,
    y: alt.Scale,
    axis: alt.Axis,
) -> list[alt.Chart]:
    x = alt.X("at:N", title=None, sort=names, axis=alt.Axis(labelAngle=0, labelLimit=90, labelOverlap=True))
    base = alt.Chart(style.data(rows)).encode(x=x)
    return [
        _dots(seen, x, title, y, axis),
        base.mark_rule(color=style.TRAIN, strokeWidth=6, opacity=0.3).encode(
            y=alt.Y("low:Q", title=title, scale=y, axis=axis), y2="high:Q"
        ),
        base.mark_point(color=style.TRAIN, size=90).encode(
            y=alt.Y("middle:Q", title=title, scale=y, axis=axis)
        ),
    ]


def _dots(seen: list[dict[str, Any]], x: alt.X, title: str, y: alt.Scale, axis: alt.Axis) -> alt.Chart:
    dots = alt.Chart(style.data(seen)).mark_point(size=18, opacity=0.45, color=style.MUTED)
    return dots.encode(x=x, y=alt.Y("value:Q", title=title, scale=y, axis=axis))
