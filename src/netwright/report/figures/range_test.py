"""The learning-rate range test: which rates work, over seeds."""

from collections.abc import Mapping

import altair as alt
import numpy as np

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.material import Material
from netwright.report.words import amount


def range_test(material: Material) -> list[Block]:
    """Return the loss after a short training at each rate, with the interval of workable rates."""
    stored = material.figure("range_test")
    if not isinstance(stored, Mapping) or not stored.get("rates"):
        return []
    rates = [float(rate) for rate in stored["rates"]]
    table = [[np.nan if loss is None else float(loss) for loss in seed] for seed in stored["losses"]]
    losses = np.atleast_2d(np.array(table, np.float64))
    losses = np.where(np.isfinite(losses), losses, np.nan)
    rows = [
        {
            "rate": rate,
            "low": float(np.min(known)),
            "high": float(np.max(known)),
            "loss": float(np.median(known)),
        }
        for rate, column in zip(rates, losses.T, strict=False)
        if len(known := column[np.isfinite(column)])
    ]
    low, high, best = (stored.get(name) for name in ("low", "high", "best"))
    own = material.run.controls.optimization.learning_rate
    x = alt.X(
        "rate:Q",
        title="learning rate",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~e", tickCount=6, grid=False),
    )
    base = alt.Chart(style.data(rows)).encode(x=x)
    layers: list[alt.Chart] = []
    if low and high:
        span = alt.Chart(style.data([{"from": low, "to": high}])).mark_rect(
            color=style.SERIES[2], opacity=0.18
        )
        layers.append(span.encode(x=alt.X("from:Q"), x2="to:Q"))
    layers += [
        base.mark_area(color=style.TRAIN, opacity=0.2).encode(
            y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q"
        ),
        base.mark_line(color=style.TRAIN, point={"color": style.TRAIN}).encode(
            y=alt.Y("loss:Q", title="training loss")
        ),
    ]
    text = f"{len(losses)} seeds. "
    if low and high:
        text += (
            f"Rates from {amount(low)} to {amount(high)} work, the shaded band; the best is {amount(best)}. "
        )
    if isinstance(own, int | float):
        layers.append(
            alt.Chart(style.data([{"rate": float(own)}]))
            .mark_rule(color=style.ACCENT, strokeDash=[4, 3])
            .encode(x=x)
        )
        text += f"The run used {amount(float(own))}, the dashed line."
    return [Plot("Which learning rates work", style.spec(alt.layer(*layers), 220), text.strip())]
