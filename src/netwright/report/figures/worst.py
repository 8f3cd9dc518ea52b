"""The dev rows that are most wrong, as the user wrote them: columns, or thumbnails where rows are images."""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from netwright.data.images.images import Images
from netwright.data.sequences.ragged import Ragged
from netwright.report.blocks import Block, Gallery, Picture, Table
from netwright.report.material import Judged, Material
from netwright.report.thumbnail import address
from netwright.report.traces import drawn
from netwright.report.words import amount, cut

MOST_ROWS, MOST_PICTURES, MOST_COLUMNS = 12, 18, 30
MOST_OF_CELL, MOST_OF_TEXT = 40, 400
"""Characters."""
PIXEL = re.compile(r"(.*?)(\d+)[_x,](\d+)\D*")
"""A column name that ends in a row and a column number, such as ``pixel_3_4``."""
CHANNELS = (1, 3)


def worst(material: Material) -> list[Block]:
    """Return the dev rows of the highest loss."""
    judged = material.judged
    if judged is None:
        return []
    order = np.argsort(-judged.losses, kind="stable")
    if material.classes is not None:
        order = order[judged.wrong[order]]
    if len(order) == 0:
        return []
    features = material.run.prepared.features
    seen = features.take(judged.rows[order[:MOST_PICTURES]])
    pixels = images(seen, [one.name for one in features.columns()])
    if pixels is not None:
        low, high = float(np.nanmin(pixels)), float(np.nanmax(pixels))
        pictures = [
            _picture(material, judged, int(at), image, low, high)
            for at, image in zip(order, pixels, strict=False)
        ]
        what = (
            "sequences predicted worst, a line a channel"
            if isinstance(seen, Ragged)
            else "images predicted worst"
        )
        return [Gallery(f"The dev {what}, the highest loss first", pictures)]
    places = order[:MOST_ROWS]
    shown = _frame(features.take(judged.rows[places]), [one.name for one in features.columns()])
    columns = shown.columns[:MOST_COLUMNS]
    texts = {one.name for one in features.columns() if one.used and one.kind == "text"}
    rows = [
        (
            f"{judged.rows[at] + 1:,}",
            *_said(material, judged, int(at)),
            *(_cell(shown[name][i], MOST_OF_TEXT if name in texts else MOST_OF_CELL) for name in columns),
        )
        for i, at in enumerate(places.tolist())
    ]
    heads = ("row", "true", "predicted", "loss" if material.classes is not None else "off by")
    more = "" if len(columns) == shown.width else f"; the first {len(columns)} of {shown.width} columns"
    numeric = {0, 3} | {4 + i for i, name in enumerate(columns) if shown[name].dtype.is_numeric()}
    return [
        Table(
            f"The dev rows predicted worst{more}",
            (*heads, *(cut(name, 40) for name in columns)),
            rows,
            numbers=frozenset(numeric),
        )
    ]


def images(values: Any, names: Sequence[str]) -> np.ndarray | None:
    """Return rows as images (m, height, width) or (m, height, width, 3), or None when they are none.

    Images are arrays of three or four dimensions, or columns whose names are a full grid, ``pixel_0_0`` and so on;
    sequences are drawn.
    """
    if isinstance(values, Ragged):
        low, high = np.fmin.reduce(values.values, axis=0), np.fmax.reduce(values.values, axis=0)
        return np.array([drawn(steps, low, high) for steps in values])
    if isinstance(values, Images):
        values = values.alike() if len(values) else None
    if not isinstance(values, np.ndarray):
        return None
    if values.ndim == 4 and values.shape[-1] in CHANNELS:
        return values[..., 0] if values.shape[-1] == 1 else values
    if values.ndim == 3:
        return values
    found = [PIXEL.fullmatch(name) for name in names]
    if values.ndim != 2 or len(names) < 4 or not all(found):
        return None
    grid = [(int(match[2]), int(match[3])) for match in found if match]
    height, width = (max(place[i] for place in grid) + 1 for i in (0, 1))
    if sorted(grid) != [(i, j) for i in range(height) for j in range(width)] or min(height, width) < 2:
        return None
    picture = np.empty((len(values), height, width), values.dtype)
    for column, (i, j) in enumerate(grid):
        picture[:, i, j] = values[:, column]
    return picture


def _picture(
    material: Material, judged: Judged, at: int, image: np.ndarray, low: float, high: float
) -> Picture:
    truth, said, loss = _said(material, judged, at)
    row = judged.rows[at] + 1
    words = f"Row {row:,}: true {truth}, predicted {said}, loss {loss}"
    return Picture(address(image, low, high), words, f"{truth} → {said}")


def _said(material: Material, judged: Judged, at: int) -> tuple[str, str, str]:
    if material.classes is None:
        return (
            amount(float(judged.truth[at])),
            amount(float(judged.said[at])),
            amount(float(judged.losses[at])),
        )
    truth, said = int(judged.truth[at]), int(judged.said[at])
    sure = ""
    if judged.probabilities is not None:
        share = math.floor(1000 * float(judged.probabilities[at, said])) / 10
        sure = f" ({share:.0f} %)" if share < 99 else f" ({share:.1f} %)"
    loss = f"{judged.losses[at]:.2f}"
    return cut(material.classes[truth], 40), cut(material.classes[said], 40) + sure, loss


def _cell(value: Any, most: int) -> str:
    return f"{value:.6g}" if isinstance(value, float) else cut(value, most)


def _frame(values: Any, names: Sequence[str]) -> pl.DataFrame:
    if isinstance(values, pl.DataFrame):
        return values
    flat = values.reshape(len(values), -1)
    names = names if len(names) == flat.shape[1] else [f"x{i}" for i in range(flat.shape[1])]
    return pl.DataFrame({name: flat[:, i] for i, name in enumerate(names[:MOST_COLUMNS])})
