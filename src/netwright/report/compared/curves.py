"""The curves of a comparison: the median over seeds by epoch, in a band from the lowest to the highest."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl

from netwright.compare.comparison import Comparison
from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.words import amount, distinct

MOST_EPOCHS = 150
MOST_DRAWN = 12
"""More lines than these are not told apart; the table has all alternatives."""
LOG_FROM = 30


def curves(comparison: Comparison) -> list[Block]:
    """Return a chart of the dev error and one of the training loss."""
    drawn = [entry.name for entry in comparison.entries[:MOST_DRAWN]]
    labels = dict(zip(drawn, distinct(drawn), strict=True))
    table = comparison.curves
    if table.is_empty():
        return []
    return [
        _chart(table, labels, "dev_error", f"dev {comparison.metric}", comparison.metric),
        _chart(table, labels, "train_loss", "training loss", ""),
    ]


def _chart(table: pl.DataFrame, labels: dict[str, str], column: str, title: str, metric: str) -> Plot:
    value = pl.col(column)
    bands = (
        table.filter(value.is_finite() & pl.col("alternative").is_in(list(labels)))
        .group_by("alternative", "epoch", maintain_order=True)
        .agg(low=value.min(), middle=value.median(), high=value.max())
        .sort("epoch")
    )
    rows: list[dict[str, Any]] = []
    said: list[str] = []
    for name, label in labels.items():
        one = bands.filter(pl.col("alternative") == name)
        if one.is_empty():
            continue
        kept = np.unique(np.linspace(0, len(one) - 1, min(len(one), MOST_EPOCHS)).astype(int)).tolist()
        rows += [
            {"series": label, "epoch": epoch + 1, "low": low, "middle": middle, "high": high}
            for epoch, low, middle, high in one[kept].select("epoch", "low", "middle", "high").iter_rows()
        ]
        ends = [amount(end, metric) for end in one["middle"][[0, -1]]]
        said.append(f"{label} from {ends[0]} to {ends[1]}")
    values = np.array([row["middle"] for row in rows])
    log = len(values) > 0 and values.min() > 0 and values.max() > LOG_FROM * values.min()
    scale = alt.Scale(type="log") if log else alt.Scale(zero=False)
    axis = alt.Axis(tickCount=5, format=".2~%" if metric == "error" else "~g")
    base = alt.Chart(style.data(rows)).encode(
        x=alt.X(
            "epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False)
        )
    )
    colour, dash = style.many(list(labels.values()))
    layers = [
        base.mark_area(opacity=0.12).encode(
            y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2="high:Q", color=colour
        ),
        base.mark_line(clip=True, point=len(rows) < 3 * len(labels)).encode(
            y=alt.Y("middle:Q", title=title, scale=scale, axis=axis), color=colour, strokeDash=dash
        ),
    ]
    summary = f"The median over seeds goes, {'; '.join(said)}. Bands span the seeds."
    return Plot(f"{title[0].upper()}{title[1:]} by epoch", style.spec(alt.layer(*layers), 280), summary)
