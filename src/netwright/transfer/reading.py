"""How a data set is encoded for a backbone: as the backbone was trained, and not as this data would ask for."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import ControlError, DataError
from netwright.core.names import listed
from netwright.data.encoder import Encoder
from netwright.data.features import Features
from netwright.data.images.encoder import ImageEncoder
from netwright.data.text import tokenizer as words
from netwright.data.text.text_encoder import LONGEST, TextEncoder
from netwright.transfer.backbone import Backbone, backbone
from netwright.transfer.cache import known_features
from netwright.transfer.features import FeatureEncoder

Transfer = Literal["features", "finetune"]
WHOLE: dict[Transfer, float] = {"features": 1.0, "finetune": 0.99}
"""The share of texts to read to their end: every step of fine-tuning pads its texts to the length of the longest."""


def loaded(name: str) -> Backbone:
    """Return a backbone, read from disk once."""
    return _loaded(str(Path(name).resolve()) if Path(name).is_dir() else name)


@lru_cache(maxsize=2)
def _loaded(name: str) -> Backbone:
    return backbone(name)


@dataclass(frozen=True)
class Reading:
    """Makes the encoder of a data set that a backbone reads.

    Attributes:
      name: of the backbone.
      transfer: "features": the encoder ends with the backbone, which stays as it is, and its features of all rows
        are computed now, or read from the cache. "finetune": the backbone is a part of the model.
    """

    name: str
    transfer: Transfer

    def __call__(self, features: Features, rows: NDArray[np.int64], controls: DataControls) -> Encoder:
        """Return the encoder; what is to be fitted is fitted on these training ``rows``.

        Raises:
          ControlError: the data is not of the backbone's kind, or has other columns beside it.
        """
        network = loaded(self.name)
        if network.kind == "text":
            inner = _text(network, features, rows, controls, WHOLE[self.transfer])
        else:
            inner = _image(network, features, controls)
        if self.transfer == "finetune":
            return inner
        content = inner.opened(features.content)
        known = known_features(network, inner, content, np.arange(len(features)))
        center, scale = _moments(known.features[rows], controls.normalize)
        return FeatureEncoder(inner, network, center, scale, known)


def _text(
    network: Backbone, features: Features, rows: NDArray[np.int64], controls: DataControls, whole: float
) -> TextEncoder:
    (column,) = _only(network, features, "text")
    tokenizer = words.load(network.preprocess["tokenizer"])
    longest = int(network.preprocess["length"])
    length = controls.length
    if length == "auto":
        texts = features.take(rows)[column].to_list()
        lengths = words.lengths(tokenizer, texts, min(longest, LONGEST))
        length = int(np.quantile(lengths, whole, method="higher"))
    elif length > longest:
        raise ControlError(
            f"data.length: found {length}, the backbone '{network.name}' reads {longest} tokens"
        )
    # Cut here, a long text keeps the sign of its end.
    tokenizer.enable_truncation(length)
    return TextEncoder(column, length, tokenizer)


def _image(network: Backbone, features: Features, controls: DataControls) -> Encoder:
    """Return an encoder with nothing to fit: size and scale are those of the backbone's own training."""
    _only(network, features, "image")
    if controls.image_size != "auto":
        raise ControlError(
            f"data.image_size: the backbone '{network.name}' has a size of its own, "
            f"{network.preprocess['size']}; leave it out"
        )
    return ImageEncoder.from_json(network.preprocess)


def _only(network: Backbone, features: Features, kind: str) -> list[str]:
    """Return the name of the one column of this kind, refusing any other that is a feature."""
    used = [column for column in features.columns() if column.used]
    if [column.kind for column in used] != [kind]:
        found = listed(f"{column.name} ({column.kind})" for column in used)
        mend = f"drop the others (drop=, --drop), {kind}=" if kind == "text" else "read a folder of images"
        raise ControlError(
            f"architecture.backbone: '{network.name}' reads one column of kind {kind}, the data has {found}; {mend}"
        )
    return [column.name for column in used]


def _moments(features: NDArray[np.float32], normalize: str) -> tuple[Any, Any]:
    if not len(features):
        raise DataError("architecture.backbone: there are no training rows to fit the features' scale on")
    center, scale = np.zeros(features.shape[1], np.float32), np.ones(features.shape[1], np.float32)
    if normalize == "standard":
        center, scale = features.mean(axis=0), features.std(axis=0)
    if normalize == "minmax":
        center, scale = features.min(axis=0), np.ptp(features, axis=0)
    return center, np.where(scale > 0, scale, np.float32(1))
