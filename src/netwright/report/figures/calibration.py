"""Calibration: whether 80 % sure is right 80 % of the time."""

import altair as alt
import numpy as np

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.material import Judged, Material
from netwright.report.shares import wilson
from netwright.report.words import amount, between, distinct
from netwright.train.calibrate import calibration_error

BINS = 10


def calibration(material: Material) -> list[Block]:
    """Return a reliability diagram of the dev rows; bars of chance are Wilson intervals.

    Two classes: the probability of the second against its share. More: the confidence in the predicted class
    against how often it is right.
    """
    judged = material.judged
    if judged is None or judged.probabilities is None or material.classes is None:
        return []
    sure, right = _pairs(judged)
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    rows = []
    for b in range(BINS):
        here = place == b
        if here.any():
            one = wilson(int(right[here].sum()), int(here.sum()))
            rows.append(
                {
                    "sure": float(sure[here].mean()),
                    "share": one.estimate,
                    "low": one.low,
                    "high": one.high,
                    "count": int(here.sum()),
                }
            )
    binary = len(material.classes) == 2
    second = distinct(material.classes)[-1]
    x_title = f"predicted probability of {second}" if binary else "confidence in the prediction"
    y_title = f"share that is {second}" if binary else "share that is right"
    unit = alt.Scale(domain=[0, 1])
    diagonal = (
        alt.Chart(style.data([{"sure": 0, "share": 0}, {"sure": 1, "share": 1}]))
        .mark_line(color=style.MUTED, strokeDash=[4, 4], strokeWidth=1)
        .encode(x=alt.X("sure:Q", scale=unit), y=alt.Y("share:Q", scale=unit))
    )
    axis = alt.Axis(format="%", tickCount=5)
    base = alt.Chart(style.data(rows)).encode(x=alt.X("sure:Q", title=x_title, scale=unit, axis=axis))
    y = alt.Y("share:Q", title=y_title, scale=unit, axis=axis)
    layers = [
        diagonal,
        base.mark_rule(strokeWidth=2, color=style.DEV).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_point(color=style.DEV, opacity=1).encode(
            y=y, size=alt.Size("count:Q", legend=None, scale=alt.Scale(range=[40, 320]))
        ),
    ]
    return [
        Plot(
            "Calibration on the dev rows",
            style.spec(alt.layer(*layers), 280),
            _summary(judged, rows, second if binary else ""),
        )
    ]


def _pairs(judged: Judged) -> tuple[np.ndarray, np.ndarray]:
    assert judged.probabilities is not None
    if judged.probabilities.shape[1] == 2:
        return judged.probabilities[:, 1], judged.truth == 1
    return judged.probabilities.max(axis=1), ~judged.wrong


def _summary(judged: Judged, rows: list[dict[str, float]], second: str) -> str:
    assert judged.probabilities is not None
    error = calibration_error(judged.probabilities, judged.truth, np.ones(len(judged.truth)))
    fits = sum(row["low"] <= row["sure"] <= row["high"] for row in rows)
    top = rows[-1]
    whose = second or "right"
    interval = between(wilson(round(top["share"] * top["count"]), int(top["count"])), "error")
    return (
        f"Expected calibration error {amount(error, 'error')}. In {fits} of {len(rows)} bins the 90 % interval "
        f"holds the diagonal. Of the {top['count']:,} rows with the highest probability, "
        f"{amount(top['sure'], 'error')} on average, {interval} are {whose}."
    )
