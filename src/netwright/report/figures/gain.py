"""What the backbone gains over training from scratch, over the number of training rows."""

import altair as alt
import numpy as np

from netwright.diagnose.gain import Gain
from netwright.report import style
from netwright.report.blocks import Block, Plot, Table
from netwright.report.material import Material
from netwright.report.words import amount, between

WAYS = {"features": "on the backbone's features", "finetune": "backbone fine-tuned"}
SCRATCH = "from scratch"


def gain(material: Material) -> list[Block]:
    """Return the errors of both ways at each size, and the gain with its interval."""
    found = material.gain
    if found is None:
        return []
    way = WAYS.get(found.transfer, found.transfer)
    points = [
        {"n": size, "error": error, "way": name}
        for name, errors in ((SCRATCH, found.scratch), (way, found.transferred))
        for size, seeds in zip(found.sizes, errors, strict=True)
        for error in seeds
    ]
    x = alt.X(
        "n:Q",
        title="training rows",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~s", tickCount=6, grid=False),
    )
    shown = alt.Axis(format=".2~%" if found.metric == "error" else ",~r", tickCount=5)
    color = alt.Color(
        "way:N",
        title=None,
        scale=alt.Scale(domain=[SCRATCH, way], range=[style.MUTED, style.DEV]),
        legend=alt.Legend(orient="top"),
    )
    chart = alt.Chart(style.data(points))
    y = alt.Y("error:Q", title=f"dev {found.metric}", axis=shown)
    means = alt.Y("mean(error):Q", title=f"dev {found.metric}", axis=shown)
    layers = [
        chart.mark_point(size=25, opacity=0.5).encode(x=x, y=y, color=color),
        chart.mark_line(point=True).encode(x=x, y=means, color=color),
    ]
    plot = Plot(
        f"Transfer over the number of training rows: {found.backbone}",
        style.spec(alt.layer(*layers), 260),
        _summary(found),
    )
    return [plot, _table(found, way)]


def _summary(found: Gain) -> str:
    first, last = found.gains[0], found.gains[-1]
    few, all_rows = found.sizes[0], found.sizes[-1]
    text = (
        f"With {few:,} training rows the backbone lowers the dev {found.metric} by {between(first, found.metric)}, "
        f"with {all_rows:,} by {between(last, found.metric)}. "
    )
    same = found.equivalent[few]
    if same is None:
        return text + f"From scratch, not even {all_rows:,} rows do as well as {few:,} with it."
    return text + f"From scratch it takes {same:,} of the sizes measured to do as well as {few:,} with it."


def _table(found: Gain, way: str) -> Table:
    rows = [
        (
            f"{size:,}",
            amount(float(np.mean(scratch)), found.metric),
            amount(float(np.mean(transferred)), found.metric),
            between(gained, found.metric),
        )
        for size, scratch, transferred, gained in zip(
            found.sizes, found.scratch, found.transferred, found.gains, strict=True
        )
    ]
    columns = ("training rows", SCRATCH, way, "gain, with its 90 % interval")
    return Table(f"Dev {found.metric}, means over seeds", columns, rows, frozenset({0, 1, 2, 3}))
