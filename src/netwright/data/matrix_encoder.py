"""The encoder of an array: all columns at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.core.layout import Kind, Layout
from netwright.data.arrays import shared_empty
from netwright.data.blocks import blocks
from netwright.data.encoder import Encoder
from netwright.data.numeric import checked_numbers, median, standardizer

Floats = NDArray[np.float64]
NUMBERS_AT_A_TIME = 1 << 23  # held in float64 while the columns' moments are taken


class MatrixEncoder(Encoder):
    """(x − center)/scale of each number; a missing one is the training median, with indicator columns added.

    A column without gaps in training that has one later takes the training mean, without an indicator.
    Arrays of more than two dimensions have one center and one scale for all numbers, since a pixel is a pixel
    wherever it stands; a missing one is the center.
    """

    def __init__(
        self,
        example: tuple[int, ...],
        kept: list[int],
        center: Floats,
        scale: Floats,
        fill: Floats,
        indicators: list[int],
        names: Sequence[str],
    ) -> None:
        self.example = example
        self.kept, self.indicators = kept, indicators
        self.center, self.scale, self.fill = center, scale, fill
        self.names = tuple(names)
        self.feature_names = [self.names[i] for i in kept] + [f"{self.names[i]} missing" for i in indicators]
        self.layout = layout_of(example) if len(example) > 1 else Layout("table", (len(self.feature_names),))

    def opened(self, features: Any, source: str = "data") -> NDArray[Any]:
        """See :meth:`Encoder.opened`."""
        values = checked_numbers(features, source)
        if values.shape[1:] != self.example:
            raise DataError(
                f"{source}: found {_described(values.shape[1:])}, "
                f"expected {_described(self.example)} as in training"
            )
        return values

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`."""
        values = self.opened(features, source) if rows is None else features
        count = len(values) if rows is None else len(rows)
        out = shared_empty((count, *self.shape))
        for block in blocks(count):
            self._write(values[block if rows is None else rows[block]], out[block])
        return out

    def _write(self, values: NDArray[Any], out: NDArray[np.float32]) -> None:
        columns = len(self.example) == 1
        numbers = (values[:, self.kept] if columns else values).astype(np.float64)
        gaps = np.isnan(numbers)
        if gaps.any():
            numbers = np.where(gaps, self.fill, numbers)
        scaled = (numbers - self.center) / self.scale
        if not columns:
            out[...] = scaled
            return
        out[:, : len(self.kept)] = scaled
        if self.indicators:
            out[:, len(self.kept) :] = np.isnan(values[:, self.indicators])

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`."""
        return {
            "encoder": "matrix",
            "example": list(self.example),
            "kept": self.kept,
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
            "fill": self.fill.tolist(),
            "indicators": self.indicators,
            "names": list(self.names),
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "MatrixEncoder":
        """See :meth:`Encoder.from_json`."""
        center, scale, fill = (np.array(fields[name], np.float64) for name in ("center", "scale", "fill"))
        indicators, names = fields["indicators"], fields["names"]
        return cls(tuple(fields["example"]), fields["kept"], center, scale, fill, indicators, names)


def fit_columns(
    values: NDArray[Any],
    rows: NDArray[np.int64],
    controls: DataControls,
    kept: list[int],
    names: Sequence[str],
) -> MatrixEncoder:
    """Fit the encoder of an array (m, n) on its training rows, some columns at a time."""
    center, scale, fill = np.zeros(len(kept)), np.ones(len(kept)), np.zeros(len(kept))
    indicators: list[int] = []
    step = max(1, NUMBERS_AT_A_TIME // len(rows))
    for start in range(0, len(kept), step):
        part = slice(start, start + step)
        numbers = values[rows[:, None], kept[part]].astype(np.float64)
        center[part], scale[part] = standardizer(numbers, controls.normalize)
        fill[part] = (
            standardizer(numbers, "standard")[0] if controls.normalize != "standard" else center[part]
        )
        for i in np.flatnonzero(np.isnan(numbers).any(axis=0)).tolist():
            fill[start + i] = median(numbers[:, i])
            indicators.append(kept[start + i])
    indicators = indicators if controls.missing_indicator else []
    return MatrixEncoder(values.shape[1:], kept, center, scale, fill, indicators, names)


def fit_array(values: NDArray[Any], rows: NDArray[np.int64], controls: DataControls) -> MatrixEncoder:
    """Fit the encoder of an array (m, …) of more than two dimensions on its training rows."""
    if controls.normalize == "none":
        center, scale = 0.0, 1.0
    elif controls.normalize == "minmax":
        center = min(float(np.nanmin(values[rows[block]])) for block in blocks(len(rows)))
        scale = max(float(np.nanmax(values[rows[block]])) for block in blocks(len(rows))) - center
    else:
        count, total, squares = 0, 0.0, 0.0
        for block in blocks(len(rows)):
            part = values[rows[block]].astype(np.float64)
            count, total = count + int((~np.isnan(part)).sum()), total + float(np.nansum(part))
        center = total / max(count, 1)
        for block in blocks(len(rows)):
            squares += float(np.nansum((values[rows[block]].astype(np.float64) - center) ** 2))
        scale = np.sqrt(squares / max(count, 1))
    moments = np.array([center]), np.array([scale or 1.0]), np.array([center])
    return MatrixEncoder(values.shape[1:], [], *moments, [], ())


def layout_of(example: tuple[int, ...]) -> Layout:
    """Return the layout of an array's examples: (H, W, C) is an image, (T, C) a sequence."""
    kinds: dict[int, Kind] = {2: "sequence", 3: "image"}
    return Layout(kinds.get(len(example), "array"), example)


def _described(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} columns" if len(shape) == 1 else f"examples of shape {shape}"
