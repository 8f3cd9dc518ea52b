"""What was spent, and what it bought: the best error over the trials' compute."""

import math
from typing import Any

import altair as alt
import numpy as np

from netwright.report import style
from netwright.report.blocks import Block, Plot, Table
from netwright.report.tuned.tuning import Tuning
from netwright.report.words import amount

MOST_POINTS = 600


def effort(tuning: Tuning) -> list[Block]:
    """Return a chart of each trial's error over the compute spent so far, with the best so far as a line."""
    rows = _spent(tuning)
    known = [row for row in rows if row["value"] is not None]
    if not known:
        return []
    line = [{"spent": row["spent"], "best": row["best"]} for row in known]
    # The worst quarter would flatten what is worth seeing.
    low, top = known[-1]["best"], float(np.quantile([row["value"] for row in known], 0.75))
    dots = [row for row in known if row["value"] <= top][:MOST_POINTS]
    axis = alt.Axis(tickCount=5, format=".2~%" if tuning.metric == "error" else "~g")
    scale = alt.Scale(domain=[low, top], nice=True, zero=False) if top > low else alt.Scale(zero=False)
    title = f"dev {tuning.metric}"
    x = alt.X(
        "spent:Q",
        title="examples × epochs",
        axis=alt.Axis(format="~s", tickCount=6, grid=False),
        scale=alt.Scale(nice=False),
    )
    layers = [
        alt.Chart(style.data(dots))
        .mark_point(size=22, opacity=0.5, color=style.MUTED)
        .encode(x=x, y=alt.Y("value:Q", title=title, axis=axis, scale=scale)),
        alt.Chart(style.data(line))
        .mark_line(color=style.DEV, interpolate="step-after", clip=True, point=len(line) < 3)
        .encode(x=x, y=alt.Y("best:Q", title=title, axis=axis, scale=scale)),
    ]
    last = known[-1]
    half = next(row for row in known if row["best"] == last["best"])
    summary = (
        f"In all {rows[-1]['spent']:,.0f} examples × epochs in {len(rows)} trials. The best error, "
        f"{amount(last['best'], tuning.metric)}, was there after {half['spent']:,.0f} of them, with trial "
        f"{half['number']}."
    )
    return [
        Plot("The best error over what was spent", style.spec(alt.layer(*layers), 240), summary),
        _sums(tuning),
    ]


def _spent(tuning: Tuning) -> list[dict[str, Any]]:
    """Return for each trial, by number, the compute spent up to its end and the lowest error by then."""
    spent, best = 0.0, math.inf
    rows: list[dict[str, Any]] = []
    for row in tuning.trials.to_dicts():
        spent += row["compute"] or 0
        value = row["value"] if row["value"] is not None and math.isfinite(row["value"]) else None
        best = best if value is None else min(best, value)
        rows.append({"number": row["number"], "spent": spent, "value": value, "best": best})
    return rows


def _sums(tuning: Tuning) -> Table:
    """Return trials, epochs, compute and seconds by how trials ended."""
    names = {
        "COMPLETE": "trained to the end",
        "PRUNED": "stopped early",
        "FAIL": "failed",
        "RUNNING": "under way",
    }
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in tuning.trials.to_dicts():
        groups.setdefault(row["state"], []).append(row)
    rows = [
        (
            names[state],
            f"{len(found):,}",
            *(f"{sum(row[column] or 0 for row in found):,.0f}" for column in ("epochs", "compute")),
            f"{sum(row['seconds'] or 0 for row in found):,.1f} s",
        )
        for state, found in groups.items()
    ]
    heads = ("trials", "count", "epochs", "examples × epochs", "time")
    return Table("Effort by how trials ended", heads, rows, numbers=frozenset(range(1, 5)))
