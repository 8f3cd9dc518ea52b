"""Learning curves by epoch, with a band over seeds where the diagnosis trained several."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.material import Material
from netwright.report.words import amount

MOST_EPOCHS = 200
PARTS = ("train", "dev")
LOG_FROM = 30
"""A loss that spans more than this factor is drawn on a logarithmic axis."""


def curves(material: Material) -> list[Block]:
    """Return a chart of the loss and one of each metric."""
    history = material.history
    if len(history) == 0:
        return []
    seeds = seed_history(material.figure("seed_history"))
    quantities = [name.removeprefix("train_") for name in history.columns if name.startswith("train_")]
    return [_chart(material, history, seeds, quantity) for quantity in quantities]


def seed_history(stored: Any) -> pl.DataFrame | None:
    """Return the histories of other seeds, stored as columns or as rows, or None."""
    if isinstance(stored, pl.DataFrame):
        return stored
    if not stored:
        return None
    frame = pl.DataFrame(stored)
    return frame if {"member", "epoch"} <= set(frame.columns) else None


def _chart(material: Material, history: pl.DataFrame, seeds: pl.DataFrame | None, quantity: str) -> Plot:
    parts = [part for part in PARTS if f"{part}_{quantity}" in history.columns]
    thinned = history[_kept(len(history))]
    rows: list[dict[str, Any]] = [
        {"epoch": epoch + 1, "series": part, "value": value}
        for part in parts
        for epoch, value in thinned.select("epoch", f"{part}_{quantity}").iter_rows()
        if _finite(value)
    ]
    values = np.array([row["value"] for row in rows])
    log = (
        quantity == "loss" and len(values) > 0 and values.min() > 0 and values.max() > LOG_FROM * values.min()
    )
    scale = alt.Scale(type="log") if log else alt.Scale(zero=False)
    y = alt.Y("value:Q", title=quantity, scale=scale, axis=alt.Axis(tickCount=5, format="~g"))
    x = alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False))
    colour = style.series(parts, (style.TRAIN, style.DEV))
    layers: list[alt.Chart] = []
    bands = [] if seeds is None else _bands(seeds, quantity, parts)
    if bands:
        layers.append(
            alt.Chart(style.data(bands))
            .mark_area(opacity=0.18)
            .encode(x=x, y=alt.Y("low:Q", title=quantity, scale=scale), y2="high:Q", color=colour)
        )
    layers.append(
        alt.Chart(style.data(rows))
        .mark_line(clip=True, point=len(thinned) < 3)
        .encode(x=x, y=y, color=colour)
    )
    best = material.record.get("best_epoch")
    if best is not None:
        layers.append(
            alt.Chart(style.data([{"epoch": best + 1}]))
            .mark_rule(color=style.MUTED, strokeDash=[3, 3])
            .encode(x="epoch:Q")
        )
    title = f"{'Loss' if quantity == 'loss' else quantity.replace('_', ' ').capitalize()} by epoch"
    return Plot(title, style.spec(alt.layer(*layers)), _summary(history, quantity, parts, best, seeds))


def _summary(
    history: pl.DataFrame, quantity: str, parts: list[str], best: int | None, seeds: pl.DataFrame | None
) -> str:
    said = [
        f"{part} {quantity} goes from {amount(column[0])} to {amount(column[-1])}"
        for part, column in ((part, history[f"{part}_{quantity}"].to_list()) for part in parts)
    ]
    text = f"Over {len(history)} epoch{'s' * (len(history) > 1)} the " + ", and the ".join(said) + "."
    if best is not None:
        dev = (
            f" (dev {quantity} {amount(history[f'dev_{quantity}'].to_list()[best])})"
            if "dev" in parts
            else ""
        )
        text += f" The weights of epoch {best + 1}{dev}, at the dashed line, were kept."
    if seeds is not None:
        text += f" Bands span {seeds['member'].n_unique()} seeds."
    if quantity != "loss":
        return text
    return text + " The train loss is a mean over batches while the weights moved."


def _bands(seeds: pl.DataFrame, quantity: str, parts: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for part in parts:
        name = f"{part}_{quantity}"
        if name not in seeds.columns:
            continue
        finite = seeds.filter(pl.col(name).is_finite())
        ends = finite.group_by("epoch").agg(low=pl.col(name).min(), high=pl.col(name).max()).sort("epoch")
        ends = ends[_kept(len(ends))]
        rows += [
            {"epoch": epoch + 1, "low": low, "high": high, "series": part}
            for epoch, low, high in ends.iter_rows()
        ]
    return rows


def _kept(epochs: int) -> list[int]:
    """Return places of at most ``MOST_EPOCHS`` epochs, the first and the last among them."""
    return np.unique(np.linspace(0, max(0, epochs - 1), min(epochs, MOST_EPOCHS)).astype(int)).tolist()


def _finite(value: Any) -> bool:
    return value is not None and bool(np.isfinite(value))
