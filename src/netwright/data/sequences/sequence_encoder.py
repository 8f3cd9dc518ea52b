"""The encoder of sequences: standardized per channel, cut to one length or padded to it, with a mask."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.core.layout import Layout
from netwright.core.names import listed
from netwright.data.arrays import shared_empty
from netwright.data.encoder import Encoder
from netwright.data.numeric import standardizer
from netwright.data.sequences.long_form import LongForm
from netwright.data.sequences.ragged import Ragged

LONGEST = 1024
"""Steps beyond which data.length="auto" cuts."""
Floats = NDArray[np.float64]


class SequenceEncoder(Encoder):
    """(x − center)/scale of each channel, from training steps that exist; padding comes at the end and is all 0.

    A missing number repeats the last known one of its channel; before the first known one it is the center. Of
    longer sequences the first ``length`` steps are read. When every sequence has that many, there is no mask and
    a shorter one is refused; else the last channel is 1 at steps that exist and 0 at padding.
    """

    def __init__(
        self,
        channels: tuple[str, ...],
        length: int,
        center: Floats,
        scale: Floats,
        *,
        masked: bool,
        long_form: LongForm | None,
    ) -> None:
        self.channels, self.length, self.masked = channels, length, masked
        self.center, self.scale, self.long_form = center, scale, long_form
        self.feature_names = []
        self.layout = Layout("sequence", (length, len(channels) + masked), masked=masked)

    def opened(self, features: Any, source: str = "data") -> Ragged:
        """See :meth:`Encoder.opened`; features are sequences, or a table with a row a step as in training."""
        if isinstance(features, Ragged):
            ragged = features
        elif self.long_form is not None:
            ragged = self.long_form.read(features, source)
        else:
            ragged = Ragged.of(features, source)
        if len(ragged.channels) != len(self.channels):
            raise DataError(
                f"{source}: found {len(ragged.channels)} channels ({listed(ragged.channels, 4)}), expected "
                f"{len(self.channels)} as in training"
            )
        return ragged

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`."""
        ragged = self.opened(features, source)
        rows = np.arange(len(ragged)) if rows is None else rows
        out = shared_empty((len(rows), *self.shape))
        out[...] = 0
        for i, row in enumerate(rows.tolist()):
            steps = filled(ragged[row][: self.length].astype(np.float64), self.center)
            if not self.masked and len(steps) < self.length:
                raise DataError(
                    f"{source}: {ragged.name_of(row)} has {len(steps)} steps, expected {self.length} as every "
                    "sequence in training: train with some of several lengths"
                )
            out[i, : len(steps), : len(self.channels)] = (steps - self.center) / self.scale
            if self.masked:
                out[i, : len(steps), -1] = 1
        return out

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`."""
        return {
            "encoder": "sequence",
            "channels": list(self.channels),
            "length": self.length,
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
            "masked": self.masked,
            "long_form": None if self.long_form is None else self.long_form.to_json(),
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "SequenceEncoder":
        """See :meth:`Encoder.from_json`."""
        center, scale = (np.array(fields[name], np.float64) for name in ("center", "scale"))
        long_form = None if fields["long_form"] is None else LongForm.from_json(fields["long_form"])
        channels, length = tuple(fields["channels"]), int(fields["length"])
        return cls(channels, length, center, scale, masked=fields["masked"], long_form=long_form)


def fit_sequences(
    ragged: Ragged, rows: NDArray[np.int64], controls: DataControls, long_form: LongForm | None
) -> SequenceEncoder:
    """Fit the encoder: length, center and scale on the training rows alone.

    Whether there is a mask follows from all lengths, so that held-out sequences that are shorter can be judged.
    """
    train = ragged.take(rows)
    longest = int(train.lengths.max())
    length = min(longest, LONGEST) if controls.length == "auto" else controls.length
    # Only what is read counts: the rest of a sequence that is cut is as if it were not there.
    read = np.concatenate([part[:length] for part in train]).astype(np.float64)
    center, scale = standardizer(read, controls.normalize)
    masked = bool((ragged.lengths < length).any())
    return SequenceEncoder(ragged.channels, length, center, scale, masked=masked, long_form=long_form)


def filled(steps: Floats, before: Floats) -> Floats:
    """Return steps (T, C) with each gap filled by the last known number, or by ``before`` (C,) when there is none."""
    gaps = np.isnan(steps)
    if not gaps.any():
        return steps
    last = np.maximum.accumulate(np.where(gaps, -1, np.arange(len(steps))[:, None]), axis=0)
    found = np.take_along_axis(steps, np.maximum(last, 0), axis=0)
    return np.where(last < 0, before, found)
