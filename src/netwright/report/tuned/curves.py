"""Learning curves of the trials: the dev error by epoch."""

from typing import Any

import altair as alt
import numpy as np

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.tuned.tuning import Tuning, pruned
from netwright.report.words import amount

MOST_LINES, MOST_POINTS = 80, 60
BEST, WHOLE, STOPPED = "the best", "trained to the end", "stopped early"


def curves(tuning: Tuning) -> list[Block]:
    """Return one chart of all trials that say how they went, the best above the others."""
    if not tuning.ranked:
        return []
    best = tuning.ranked[0]
    told = [row for row in tuning.rows if row["curve"] is not None and len(row["curve"])]
    told = sorted(told, key=lambda row: (row["number"] != best["number"], row["value"]))
    if not told:
        return []
    chosen = [
        told[place]
        for place in np.unique(np.linspace(0, len(told) - 1, min(len(told), MOST_LINES)).astype(int))
    ]
    rows = [point for row in reversed(chosen) for point in _points(row, _kind(row, best))]
    kinds = [kind for kind in (BEST, WHOLE, STOPPED) if any(row["series"] == kind for row in rows)]
    colours = {BEST: style.DEV, WHOLE: style.TRAIN, STOPPED: style.MUTED}
    scale = alt.Scale(domain=kinds, range=[colours[kind] for kind in kinds])
    # The worst tenth of the points, from diverged trials, would flatten all others.
    top = float(np.quantile([row["value"] for row in rows], 0.9))
    low = min(row["value"] for row in rows)
    axis = alt.Axis(tickCount=5, format=".2~%" if tuning.metric == "error" else "~g")
    y = alt.Y(
        "value:Q", title=f"dev {tuning.metric}", axis=axis,
        scale=alt.Scale(domain=[low, top + 0.05 * (top - low)] if top > low else alt.Undefined, zero=False),
    )  # fmt: skip
    x = alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False))
    colour = alt.Color("series:N", scale=scale, legend=alt.Legend(symbolType="stroke", symbolOpacity=1))
    layers = [
        alt.Chart(style.data([row for row in rows if row["series"] == kind]))
        .mark_line(
            clip=True, strokeWidth=2.5 if kind == BEST else 1, opacity=1 if kind == BEST else 0.4, point=False
        )
        .encode(x=x, y=y, color=colour, detail="trial:N")
        for kind in reversed(kinds)
    ]
    first, last = (
        (amount(best["curve"][end], tuning.metric) for end in (0, -1)) if best["curve"] else ("?", "?")
    )
    summary = (
        f"{len(chosen)} of {len(told)} trials; {sum(map(pruned, told))} were stopped early. The best goes from {first} "
        f"to {last} over {len(best['curve'] or [])} epochs."
    )
    return [Plot("Dev error by epoch", style.spec(alt.layer(*layers), 280), summary)]


def _kind(row: dict[str, Any], best: dict[str, Any]) -> str:
    return BEST if row["number"] == best["number"] else STOPPED if pruned(row) else WHOLE


def _points(row: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    curve = row["curve"]
    kept = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), MOST_POINTS)).astype(int)).tolist()
    return [
        {"trial": row["number"], "epoch": epoch + 1, "value": float(curve[epoch]), "series": kind}
        for epoch in kept
        if curve[epoch] is not None and np.isfinite(curve[epoch])
    ]
