"""A regression's dev rows: predictions against the truth, and what is left over."""

import altair as alt
import numpy as np

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.material import Material
from netwright.report.words import amount

MOST_POINTS = 800
MOST_BINS = 40


def residuals(material: Material) -> list[Block]:
    """Return predicted against true, residual against predicted, and the distribution of the residuals."""
    judged = material.judged
    if judged is None or material.task != "regression":
        return []
    truth, said = judged.truth, judged.said
    left = truth - said
    kept = np.unique(np.linspace(0, len(truth) - 1, min(len(truth), MOST_POINTS)).astype(int))
    rows = [
        {"truth": float(truth[i]), "said": float(said[i]), "residual": float(left[i])} for i in kept.tolist()
    ]
    low, high = float(min(truth.min(), said.min())), float(max(truth.max(), said.max()))
    spread = float(left.std())
    variance = float(truth.var())
    r2 = 1 - float(np.mean(left**2)) / variance if variance else 0.0
    base = alt.Chart(style.data(rows)).mark_point(color=style.DEV, size=22, opacity=0.55)
    numbers = alt.Axis(format=",~r", tickCount=5)
    said_axis = alt.X("said:Q", title="predicted", scale=alt.Scale(zero=False), axis=numbers)
    diagonal = alt.Chart(style.data([{"said": low, "truth": low}, {"said": high, "truth": high}])).mark_line(
        color=style.MUTED, strokeDash=[4, 4], strokeWidth=1
    )
    truth_axis = alt.Y("truth:Q", title="true", scale=alt.Scale(zero=False), axis=numbers)
    zero = alt.Chart(style.data([{"residual": 0}])).mark_rule(color=style.MUTED, strokeDash=[4, 4])
    residual_axis = alt.Y("residual:Q", title="true − predicted", axis=numbers)
    shown = "" if len(kept) == len(truth) else f" ({len(kept):,} of {len(truth):,} rows are drawn)"
    bias, half = float(left.mean()), 1.645 * spread / np.sqrt(len(left))
    return [
        Plot(
            "Predicted and true values of the dev rows",
            style.spec(
                alt.layer(diagonal.encode(x=said_axis, y=truth_axis), base.encode(x=said_axis, y=truth_axis)),
                300,
            ),
            f"R² {r2:.3f}; root mean squared error {amount(float(np.sqrt(np.mean(left**2))))}, "
            f"mean absolute error {amount(float(np.abs(left).mean()))}{shown}.",
        ),
        Plot(
            "Residuals against predictions",
            style.spec(
                alt.layer(zero.encode(y=residual_axis), base.encode(x=said_axis, y=residual_axis)), 260
            ),
            f"The mean residual is {amount(bias)} ± {amount(float(half))} (90 %), their standard deviation "
            f"{amount(spread)}; {_spreads(said, left)}.",
        ),
        Plot("Distribution of the residuals", _histogram(left), _tails(left)),
    ]


def _histogram(left: np.ndarray) -> dict[str, object]:
    edges = np.histogram_bin_edges(left, "auto")
    counts, edges = np.histogram(left, min(len(edges) - 1, MOST_BINS))
    rows = [
        {"from": float(a), "to": float(b), "count": int(c)}
        for a, b, c in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    chart = (
        alt.Chart(style.data(rows))
        .mark_bar(color=style.DEV, opacity=0.8)
        .encode(
            x=alt.X(
                "from:Q", bin="binned", title="true − predicted", axis=alt.Axis(format=",~r", tickCount=6)
            ),
            x2="to:Q",
            y=alt.Y("count:Q", title="rows"),
        )
    )
    return style.spec(chart, 180)


def _spreads(said: np.ndarray, left: np.ndarray) -> str:
    order = np.argsort(said, kind="stable")
    third = max(1, len(order) // 3)
    low, high = float(left[order[:third]].std()), float(left[order[-third:]].std())
    return f"{amount(low)} in the lowest third of the predictions and {amount(high)} in the highest"


def _tails(left: np.ndarray) -> str:
    ends = np.quantile(left, [0.05, 0.5, 0.95])
    low, middle, high = (amount(float(end)) for end in ends)
    return f"Nine in ten residuals lie between {low} and {high}; half of them are below {middle}."
