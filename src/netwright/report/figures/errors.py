"""What is predicted wrongly: the confusion matrix, and the miss rate of each class."""

from typing import Any

import altair as alt
import numpy as np

from netwright.report import style
from netwright.report.blocks import Block, Plot, Table
from netwright.report.material import Judged, Material
from netwright.report.shares import wilson
from netwright.report.words import amount, between, distinct

MOST_CLASSES = 20
NUMBERS_UP_TO = 12
DARKEST = 0.75
"""Opacity of a full cell: the numbers upon it stay readable in either theme."""
WIDE = 40
"""Letters of all class names together that fit beside each other on a phone."""


def confusion(material: Material) -> list[Block]:
    """Return the confusion matrix of the dev rows; of many classes, those with the most mistakes."""
    judged = material.judged
    if judged is None or material.classes is None:
        return []
    counts = _counts(judged, len(material.classes))
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    shown = np.sort(np.argsort(-mistakes, kind="stable")[:MOST_CLASSES])
    names = distinct(material.classes[i] for i in shown)
    part = counts[np.ix_(shown, shown)]
    shares = part / np.maximum(1, counts[shown].sum(axis=1, keepdims=True))
    rows: list[dict[str, Any]] = [
        {
            "truth": names[i],
            "said": names[j],
            "count": int(part[i, j]),
            "share": float(shares[i, j]),
            "text": f"{part[i, j]:,}" if part[i, j] else "",
            "right": "right" if i == j else "wrong",
        }
        for i in range(len(shown))
        for j in range(len(shown))
    ]
    few = len(shown) <= NUMBERS_UP_TO
    angle = 0 if len(names) * max(map(len, names)) <= WIDE else -40
    base = alt.Chart(style.data(rows)).encode(
        x=alt.X("said:N", title="predicted", sort=None, axis=alt.Axis(labelAngle=angle, labelLimit=90)),
        y=alt.Y("truth:N", title="true", sort=None, axis=alt.Axis(labelLimit=90)),
    )
    colour = alt.Color(
        "right:N",
        scale=alt.Scale(domain=["right", "wrong"], range=["var(--right)", "var(--wrong)"]),
        legend=alt.Legend(symbolType="square"),
    )
    layers = [
        base.mark_rect(stroke=style.GRID, strokeWidth=1).encode(
            color=colour,
            opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0, DARKEST]), legend=None),
        )
    ]
    if few:
        layers.append(base.mark_text(fontSize=12, color=style.INK).encode(text="text:N"))
    title = "Confusion matrix of the dev rows"
    if len(shown) < len(material.classes):
        title += f": the {len(shown)} classes with the most mistakes, of {len(material.classes)}"
    height = min(520, max(150, 30 * len(shown)))
    return [Plot(title, style.spec(alt.layer(*layers), height), _confusions(counts, material.classes))]


def classes(material: Material) -> list[Block]:
    """Return the share of each class's dev rows that is missed, with Wilson intervals, the worst first."""
    judged = material.judged
    if judged is None or material.classes is None:
        return []
    counts = _counts(judged, len(material.classes))
    totals, misses = counts.sum(axis=1), counts.sum(axis=1) - np.diag(counts)
    known = [i for i in range(len(totals)) if totals[i]]
    known.sort(key=lambda i: -misses[i] / totals[i])
    names = distinct(material.classes[i] for i in known)
    found = [(name, wilson(int(misses[i]), int(totals[i])), i) for name, i in zip(names, known, strict=True)]
    rows = [
        {"label": name, "low": one.low, "estimate": one.estimate, "high": one.high}
        for name, one, _ in found[:MOST_CLASSES]
    ]
    x = alt.X(
        "estimate:Q",
        title="share of its rows missed (90 % intervals)",
        axis=alt.Axis(format="%", tickCount=5),
    )
    base = alt.Chart(style.data(rows)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelColor=style.INK, labelLimit=120))
    )
    layers = [
        base.mark_rule(strokeWidth=2, color=style.DEV).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(color=style.DEV, size=60, opacity=1).encode(x=x),
    ]
    worst, best = found[0], found[-1]
    summary = (
        f"Worst: {worst[0]}, {between(worst[1], 'error')}. Best: {best[0]}, {between(best[1], 'error')}."
    )
    said = counts.sum(axis=0)
    table = Table(
        "Each class on the dev rows",
        ("class", "rows", "missed", "miss rate [90 %]", "precision"),
        [
            (
                name,
                f"{totals[i]:,}",
                f"{misses[i]:,}",
                between(one, "error"),
                amount(counts[i, i] / said[i], "error") if said[i] else "never predicted",
            )
            for name, one, i in found
        ],
        numbers=frozenset({1, 2, 3, 4}),
        folded=True,
    )
    return [
        Plot("Miss rate of each class", style.spec(alt.layer(*layers), max(70, 26 * len(rows))), summary),
        table,
    ]


def _counts(judged: Judged, classes: int) -> np.ndarray:
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (judged.truth, judged.said), 1)
    return counts


def _confusions(counts: np.ndarray, classes: list[Any]) -> str:
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return f"All {counts.sum():,} rows are predicted rightly."
    names = distinct(classes)
    places = np.argsort(-wrong, axis=None, kind="stable")[:3]
    pairs = [np.unravel_index(place, wrong.shape) for place in places]
    most = [f"{names[i]} taken for {names[j]} ({wrong[i, j]:,})" for i, j in pairs if wrong[i, j]]
    return (
        f"{wrong.sum():,} of {counts.sum():,} rows are wrong; most often {', '.join(most)}. "
        "Each row of the matrix is shaded by its shares."
    )
