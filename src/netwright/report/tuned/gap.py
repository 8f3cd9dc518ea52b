"""What regularization does to the gap between training and dev rows (RG-8)."""

import altair as alt

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.tuned.tuning import Tuning, short, value_words
from netwright.report.words import amount
from netwright.tune.dimensions import Choice, Float, Int
from netwright.tune.sensitivity import Profile

GROUP = "regularization."


def gaps(tuning: Tuning) -> list[Block]:
    """Return a chart a strength: the training and the dev error along its values."""
    found = tuning.sensitivity.profiles
    return [
        _chart(tuning, name, dimension, tuning.train_profiles[name], found[name])
        for name, dimension in tuning.dimensions.items()
        if name.startswith(GROUP)
        and not isinstance(dimension, Choice)
        and name in found
        and name in tuning.train_profiles
    ]


def _chart(tuning: Tuning, name: str, dimension: Float | Int, train: Profile, dev: Profile) -> Plot:
    rows = [
        {"series": series, "at": at, "low": low, "middle": middle, "high": high}
        for series, one in (("train", train), ("dev", dev))
        for at, low, middle, high in zip(one.points, one.low, one.middle, one.high, strict=True)
    ]
    scale = alt.Scale(type="log", nice=False) if dimension.log else alt.Scale(nice=False, zero=False)
    x = alt.X("at:Q", title=None, scale=scale, axis=alt.Axis(format="~g", tickCount=6, grid=False))
    axis = alt.Axis(tickCount=5, format=".2~%" if tuning.metric == "error" else "~g")
    base = alt.Chart(style.data(rows)).encode(
        x=x, color=style.series(["train", "dev"], (style.TRAIN, style.DEV))
    )
    layers = [
        base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=tuning.metric, axis=axis), y2="high:Q"),
        base.mark_line().encode(
            y=alt.Y("middle:Q", title=tuning.metric, axis=axis, scale=alt.Scale(zero=False))
        ),
    ]
    ends = [(dev.points[end], dev.middle[end] - train.middle[end]) for end in (0, -1)]
    said = ", and ".join(f"at {value_words(at)} the gap is {amount(gap, tuning.metric)}" for at, gap in ends)
    summary = f"Averaged over the other hyperparameters, {said}. Bands hold 90\u00a0% of the forest's trees."
    return Plot(f"Train and dev error along {short(name)}", style.spec(alt.layer(*layers), 220), summary)
