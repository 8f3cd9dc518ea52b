"""The learning curve over the number of training rows, and where it leads."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from netwright.diagnose.interval import Interval
from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.intervals import interval_of
from netwright.report.material import Material
from netwright.report.words import amount, between

AHEAD = 10
"""The fitted law is drawn up to this multiple of the rows there are."""


def sizes(material: Material) -> list[Block]:
    """Return the errors at each size, the law ``a·n^(−b) + c`` fitted to them, and the interval of c."""
    stored = material.figure("learning_curve")
    if not isinstance(stored, Mapping) or not stored.get("sizes"):
        return []
    n = [float(size) for size in stored["sizes"]]
    errors = [[float(error) for error in found if error is not None] for found in stored.get("errors") or []]
    points = [{"n": size, "error": error} for size, found in zip(n, errors, strict=False) for error in found]
    means = [
        {"n": size, "error": float(np.mean(found))} for size, found in zip(n, errors, strict=False) if found
    ]
    a, b, c = (_estimate(stored.get(name)) for name in "abc")
    limit = interval_of(stored.get("c"))
    identified = bool(stored.get("identified", limit is not None))
    ahead = [
        {"n": n[-1] * float(times), "low": one.low, "high": one.high, "error": one.estimate}
        for times, one in ((k, interval_of(v)) for k, v in (stored.get("ahead") or {}).items())
        if one is not None
    ]
    percent = material.metric == "error"
    x = alt.X(
        "n:Q",
        title="training rows",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~s", tickCount=6, grid=False),
    )
    y_axis = alt.Axis(format=".2~%" if percent else ",~r", tickCount=5)
    y = alt.Y("error:Q", title=f"dev {material.metric}", axis=y_axis)
    layers: list[alt.Chart] = []
    if identified and limit is not None and limit.low is not None and limit.high is not None:
        band = [{"from": n[0], "to": AHEAD * n[-1], "low": limit.low, "high": limit.high}]
        layers.append(
            alt.Chart(style.data(band))
            .mark_rect(color=style.MUTED, opacity=0.16)
            .encode(x=alt.X("from:Q"), x2="to:Q", y=alt.Y("low:Q"), y2="high:Q")
        )
    if a is not None and b is not None and c is not None:
        grid = np.geomspace(n[0], AHEAD * n[-1], 60)
        law = [{"n": float(size), "error": float(a * size**-b + c)} for size in grid]
        line = alt.Chart(style.data(law)).mark_line(color=style.DEV, strokeDash=[5, 4], strokeWidth=1.5)
        layers.append(line.encode(x=x, y=y))
    layers.append(
        alt.Chart(style.data(points)).mark_point(color=style.DEV, size=25, opacity=0.5).encode(x=x, y=y)
    )
    layers.append(
        alt.Chart(style.data(means)).mark_line(color=style.DEV, point={"color": style.DEV}).encode(x=x, y=y)
    )
    if ahead:
        rule = alt.Chart(style.data(ahead)).mark_rule(color=style.ACCENT, strokeWidth=2)
        layers.append(rule.encode(x=x, y=alt.Y("low:Q"), y2="high:Q"))
        layers.append(alt.Chart(style.data(ahead)).mark_point(color=style.ACCENT, opacity=1).encode(x=x, y=y))
    summary = _summary(
        n, means, ahead, limit if identified else None, str(stored.get("reason") or ""), material.metric
    )
    return [Plot("Error over the number of training rows", style.spec(alt.layer(*layers), 260), summary)]


def _summary(
    n: list[float],
    means: list[dict[str, float]],
    ahead: list[dict[str, Any]],
    limit: Interval | None,
    reason: str,
    metric: str,
) -> str:
    text = ""
    if means:
        text = (
            f"From {n[0]:,.0f} to {n[-1]:,.0f} training rows the dev {metric} goes from "
            f"{amount(means[0]['error'], metric)} to {amount(means[-1]['error'], metric)} (means over seeds). "
        )
    for one in ahead[:1]:
        foretold = Interval(one["low"], one["error"], one["high"])
        text += f"With {one['n']:,.0f} rows {between(foretold, metric)} is foretold. "
    if limit is not None:
        return text + f"More data alone leads to c = {between(limit, metric)}, the grey band."
    return text + "Where more data alone leads is not identified" + (f": {reason}." if reason else ".")


def _estimate(found: Any) -> float | None:
    interval = interval_of(found)
    return None if interval is None else interval.estimate
