"""Inside the network over depth and time: gradients, updates, and the health of activations."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl

from netwright.report import style
from netwright.report.blocks import Block, Note, Plot
from netwright.report.material import Material
from netwright.report.words import amount, distinct, sentence

MOST_BINS = 48
MOST_LINES = 6
HEALTHY = (1e-4, 1e-2)
"""Applied update over weight norm, of CK-11 (CS231n: about 1e-3)."""
FEW = 0.05
"""Shares below this have nothing to show over depth and time."""
POWERS = [10.0**k for k in range(-12, 4)]
SHARES = {
    "dead_fraction": "Dead units",
    "saturated_fraction": "Saturated units",
    "clipped": "Steps whose gradient was clipped",
}


def gradients(material: Material) -> list[Block]:
    """Return the gradient norm of each layer over time, and the size of its updates."""
    blocks: list[Block] = []
    norms = _binned(material.trace, "grad_norm")
    if not norms.is_empty():
        blocks.append(Plot("Gradient norm over depth and time", _magnitudes(norms), f"{_last(norms)}."))
    sizes = _binned(material.trace, "update_ratio")
    if not sizes.is_empty():
        few = sizes["layer"].n_unique() <= MOST_LINES
        summary = (
            f"{_last(sizes)}. Healthy updates are about 10⁻³ of the weights, {HEALTHY[0]:g} to {HEALTHY[1]:g}"
        )
        summary += ", the shaded band." if few else "."
        title = "Size of the updates over that of the weights"
        blocks.append(Plot(title, _lines(sizes) if few else _magnitudes(sizes), summary))
    return blocks


def activations(material: Material) -> list[Block]:
    """Return the spread of each layer's activations, and its shares of dead, saturated and clipped."""
    blocks: list[Block] = []
    spread = _binned(material.trace, "act_std")
    if not spread.is_empty():
        title = "Standard deviation of the activations over depth and time"
        blocks.append(Plot(title, _magnitudes(spread), f"{_last(spread)}."))
    for name, title in SHARES.items():
        bins = _binned(material.trace, name)
        if bins.is_empty():
            continue
        worst = bins.sort("value")[-1]
        highest = float(worst["value"][0])
        text = f"at most {amount(highest, 'error')}, in {worst['layer'][0]}." if highest > 0 else "none."
        if highest < FEW:
            blocks.append(Note(f"{title}: {text}"))
            continue
        scale, legend = alt.Scale(scheme="viridis", domain=[0, 1]), alt.Legend(format="%", tickCount=3)
        blocks.append(Plot(f"{title} over depth and time", _map(bins, scale, legend), sentence(text)))
    return blocks


def _magnitudes(bins: pl.DataFrame) -> dict[str, Any]:
    """Return a heat map of powers of ten."""
    powers = bins.filter(pl.col("value") > 0).with_columns(value=pl.col("value").log10())
    found = powers["value"].to_numpy()
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.0, 0.0)
    legend = alt.Legend(
        values=np.linspace(low, high, 3).tolist(), labelExpr="format(pow(10, datum.value), '.1~g')"
    )
    return _map(powers, alt.Scale(scheme="viridis"), legend)


def _map(bins: pl.DataFrame, scale: alt.Scale, legend: alt.Legend) -> dict[str, Any]:
    rows, layers = _named(bins)
    # Cells that only touch leave hairlines between them; the next one covers what a cell is too wide.
    lap = (max((row["to"] for row in rows), default=0) - min((row["from"] for row in rows), default=0)) / 300
    rows = [{**row, "to": row["to"] + lap} for row in sorted(rows, key=lambda row: row["from"])]
    steps = alt.Axis(format=",d", grid=False, tickCount=6)
    chart = (
        alt.Chart(style.data(rows))
        .mark_rect()
        .encode(
            x=alt.X("from:Q", title="step", scale=alt.Scale(nice=False, zero=False), axis=steps),
            x2="to:Q",
            y=alt.Y("layer:N", title=None, scale=alt.Scale(domain=layers)),
            color=alt.Color("value:Q", scale=scale, legend=legend),
        )
    )
    return style.spec(chart, max(80, 24 * len(layers)))


def _lines(bins: pl.DataFrame) -> dict[str, Any]:
    rows, layers = _named(bins.filter(pl.col("value") > 0))
    rows = [{"step": row["from"], "series": row["layer"], "value": row["value"]} for row in rows]
    steps = alt.Axis(format=",d", tickCount=6)
    x = alt.X("step:Q", title="step", scale=alt.Scale(nice=False, zero=False), axis=steps)
    y = alt.Y(
        "value:Q", title="‖ΔW‖ / ‖W‖", scale=alt.Scale(type="log"), axis=alt.Axis(format="~e", values=POWERS)
    )
    ends = [{"from": HEALTHY[0], "to": HEALTHY[1]}]
    band = alt.Chart(style.data(ends)).mark_rect(color=style.SERIES[2], opacity=0.14)
    lines = alt.Chart(style.data(rows)).mark_line(strokeWidth=1.5)
    return style.spec(
        alt.layer(
            band.encode(y=alt.Y("from:Q", title="‖ΔW‖ / ‖W‖"), y2="to:Q"),
            lines.encode(x=x, y=y, color=style.series(layers)),
        )
    )


def _named(bins: pl.DataFrame) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows with short names of their layers, and those names in order of depth."""
    layers = bins["layer"].unique(maintain_order=True).to_list()
    names = dict(zip(layers, distinct(layers), strict=True))
    return [{**row, "layer": names[row["layer"]]} for row in bins.to_dicts()], list(names.values())


def _binned(trace: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return from, to, layer, value: means over stretches of steps, layers in their order of depth."""
    if name not in trace.columns or trace.is_empty():
        return pl.DataFrame()
    steps = trace["step"].unique().sort().to_numpy()
    gap = int(np.median(np.diff(steps))) if len(steps) > 1 else 1
    edges = np.unique(np.linspace(0, len(steps), min(len(steps), MOST_BINS) + 1).astype(int))
    places = np.searchsorted(edges, np.arange(len(steps)), side="right") - 1
    ends = np.append(steps, steps[-1] + gap)
    table = pl.DataFrame({"step": steps, "from": ends[edges[places]], "to": ends[edges[places + 1]]})
    known = trace.filter(pl.col(name).is_not_null() & pl.col(name).is_finite())
    ordered = trace.sort("depth", maintain_order=True) if "depth" in trace.columns else trace
    depth = {layer: i for i, layer in enumerate(ordered["layer"].unique(maintain_order=True))}
    means = known.join(table, on="step").group_by("from", "to", "layer").agg(value=pl.col(name).mean())
    return means.sort(pl.col("layer").replace_strict(depth, default=0, return_dtype=pl.Int64), "from")


def _last(bins: pl.DataFrame) -> str:
    pairs = list(bins.filter(pl.col("from") == bins["from"].max()).select("layer", "value").iter_rows())
    (first, low), (deep, high) = pairs[0], pairs[-1]
    text = f"At the end {amount(low)} in {first}"
    if len(pairs) > 1:
        text += f", nearest the input, and {amount(high)} in {deep}, nearest the output"
    return text
