"""How the learning rate of each alternative was found."""

import altair as alt
import numpy as np

from netwright.compare.comparison import Comparison
from netwright.report import style
from netwright.report.blocks import Block, Plot, Table
from netwright.report.compared.curves import MOST_DRAWN
from netwright.report.words import amount, cut, distinct


def rates(comparison: Comparison) -> list[Block]:
    """Return the mean dev error at every rate tried, and the rates that work."""
    entries = [entry for entry in comparison.entries if entry.search is not None]
    metric = comparison.metric
    if not entries:
        return []
    labels = distinct([entry.name for entry in entries])
    rows, chosen, table = [], [], []
    for entry, label in zip(entries, labels, strict=True):
        search = entry.search
        assert search is not None
        means = search.errors.mean(axis=0)
        points = [
            {"series": label, "rate": float(rate), "error": float(mean)}
            for rate, mean in zip(search.rates, means, strict=True)
            if np.isfinite(mean)
        ]
        if len(table) < MOST_DRAWN:
            rows += points
            chosen += [point for point in points if point["rate"] == search.best]
        low, high = search.working
        edge = " (at the end of the grid)" if search.at_edge else ""
        table.append(
            (
                cut(entry.name),
                f"{search.best:g}{edge}",
                amount(float(means[search.place]), metric),
                f"{low:g} to {high:g}",
            )
        )
    colour, dash = style.many(labels[:MOST_DRAWN])
    x = alt.X(
        "rate:Q",
        title="learning rate",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~e", tickCount=6, grid=False),
    )
    y = alt.Y(
        "error:Q",
        title=f"dev {metric}",
        axis=alt.Axis(tickCount=5, format=".2~%" if metric == "error" else "~g"),
        scale=alt.Scale(zero=False),
    )
    layers = [
        alt.Chart(style.data(rows)).mark_line(clip=True).encode(x=x, y=y, color=colour, strokeDash=dash),
        alt.Chart(style.data(chosen)).mark_point(size=110).encode(x=x, y=y, color=colour),
    ]
    text = "Chosen, the dots: " + "; ".join(f"{row[0]} {row[1]}" for row in table) + "."
    heads = ("alternative", "rate chosen", f"dev {metric} there", "rates within a tenth of it")
    return [
        Plot("Dev error at every rate", style.spec(alt.layer(*layers), 260), text),
        Table("Rates, by seeds that are not compared", heads, table, numbers=frozenset({1, 2, 3})),
    ]
