"""Charts of several targets: gains by each other, agreement of their gradients, and learned weights."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from netwright.diagnose.interval import Interval
from netwright.measure.conflict import SHARED
from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.forest import Branch, forest
from netwright.report.words import amount, between, cut, distinct

COLOURS = {"helped": style.ACCENT, "harmed": style.ALARM, "no": style.MUTED}


def gains(found: dict[str, Any]) -> list[Block]:
    """Return a chart of the error that each target saves by the others, in shares of its error alone."""
    branches: list[Branch] = []
    said: list[str] = []
    for one in found["gains"]:
        gain, alone = one["gain"], one["alone"]
        ends = [
            None if gain[end] is None or not alone else gain[end] / alone
            for end in ("low", "estimate", "high")
        ]
        interval = Interval(ends[0], ends[1], ends[2], gain["confidence"])
        kind = one["verdict"].partition(" ")[0]
        branches.append(Branch(cut(one["target"], 30), between(interval, "error"), interval, kind))
        together = amount(one["together"], one["metric"])
        said.append(
            f"{cut(one['target'], 30)}: {one['metric']} {together} together, {amount(alone, one['metric'])} alone, "
            f"{one['verdict']}"
        )
    spec = forest(
        branches, COLOURS, title="error saved by learning together, share of the error alone", percent=True
    )
    confidence = found["gains"][0]["gain"]["confidence"]
    summary = (
        f"{'; '.join(said)}. Intervals ({confidence:.0%}) over {found['seeds']} pairs of seeds and the dev rows, "
        f"{found['epochs']} epochs each; below 0 the others harm a target (CK-30)."
    )
    return [Plot("What each target gains by the others", spec, summary)]


def agreement(found: dict[str, Any]) -> list[Block]:
    """Return a chart of the cosines between the targets' gradients, layer by layer, at the end of training."""
    known = [row for row in found["conflicts"] if row["cosine"] is not None]
    if not known:
        return []
    last = max(row["epoch"] for row in known)
    latest = [row for row in known if row["epoch"] == last]
    layers = list(dict.fromkeys(row["layer"] for row in latest))
    pairs = list(dict.fromkeys((row["first"], row["second"]) for row in latest))
    labels = dict(zip(pairs, distinct([" and ".join(pair) for pair in pairs], 40), strict=True))
    shown = dict(zip(layers, distinct(layers, 24), strict=True))
    rows = [
        {
            "series": labels[row["first"], row["second"]],
            "layer": shown[row["layer"]],
            "cosine": row["cosine"],
        }
        for row in latest
    ]
    colour = style.series(list(labels.values()))
    base = alt.Chart(style.data(rows)).mark_point(size=80, opacity=0.9)
    points = base.encode(
        x=alt.X("cosine:Q", title="cosine of the gradients", scale=alt.Scale(domain=[-1, 1])),
        y=alt.Y("layer:N", title=None, sort=list(shown.values())),
        color=colour,
    )
    zero = alt.Chart(style.data([{"at": 0}])).mark_rule(color=style.MUTED, strokeDash=[3, 3]).encode(x="at:Q")
    whole = [row for row in latest if row["layer"] == SHARED]
    said = "; ".join(
        f"{labels[row['first'], row['second']]}: cosine {row['cosine']:.2f}, opposed in {row['conflict']:.0%} of the "
        f"batches"
        for row in whole
    )
    summary = (
        f"After {last} epochs, over {SHARED}: {said}. Left of 0 a step for one target raises the loss of the other on "
        "that batch."
    )
    height = max(120, 34 * len(layers) + 50)
    return [
        Plot("Whether the targets pull the same way", style.spec(alt.layer(zero, points), height), summary)
    ]


def weights(history: pl.DataFrame, targets: Sequence[str]) -> list[Block]:
    """Return a chart of the factors that the weighting learned, by epoch; nothing where it learns none."""
    known = [name for name in targets if f"weight.{name}" in history.columns]
    if not known or history.is_empty():
        return []
    labels = distinct(known)
    rows = [
        {"series": label, "epoch": epoch + 1, "value": value}
        for name, label in zip(known, labels, strict=True)
        for epoch, value in history.select("epoch", f"weight.{name}").iter_rows()
    ]
    chart = (
        alt.Chart(style.data(rows))
        .mark_line(clip=True, point=len(history) < 3)
        .encode(
            x=alt.X(
                "epoch:Q",
                title="epoch",
                axis=alt.Axis(tickMinStep=1, format="d"),
                scale=alt.Scale(nice=False),
            ),
            y=alt.Y(
                "value:Q",
                title="factor",
                scale=alt.Scale(zero=False),
                axis=alt.Axis(tickCount=5, format="~g"),
            ),
            color=style.series(labels),
        )
    )
    ends = [amount(history[f"weight.{name}"].to_list()[-1]) for name in known]
    said = ", ".join(f"{label} {end}" for label, end in zip(labels, ends, strict=True))
    return [Plot("Learned factor of each target's loss", style.spec(chart), f"At the end: {said}.")]
