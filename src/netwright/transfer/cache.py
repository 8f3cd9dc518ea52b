"""Features on disk: what a frozen backbone makes of a data set is computed once."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core import tensors
from netwright.core.errors import RunError
from netwright.data.encoder import Encoder
from netwright.data.examples import asset_folder
from netwright.transfer.backbone import Backbone
from netwright.transfer.features import Known, compute, digests, forward_of, parts


def known_features(backbone: Backbone, inner: Encoder, content: Any, rows: NDArray[np.int64]) -> Known:
    """Return the features of some rows of a data set, from netwright's cache folder if they lie there.

    A file's name is the fingerprint of all they depend on: the backbone with its preprocessing, and the rows as they
    are encoded for it. A file that is damaged is made anew.

    Args:
      backbone: the network.
      inner: encodes rows for it.
      content: what the encoder takes; rows: the numbers of those wanted.
    """
    found = [
        digest
        for part in parts(len(rows), inner.n_in)
        for digest in digests(inner.transform(content, rows=rows[part]))
    ]
    key = hashlib.sha256(backbone.fingerprint.encode() + b"".join(found)).hexdigest()
    path = asset_folder().parent / "features" / f"{key}.safetensors"
    features = _read(path, (len(rows), backbone.width))
    if features is None:
        forward = forward_of(backbone)
        blocks = [
            compute(forward, backbone, inner.transform(content, rows=rows[part]))
            for part in parts(len(rows), inner.n_in)
        ]
        features = np.concatenate(blocks)
        tensors.save(path, {"features": features})
    return Known({digest: place for place, digest in enumerate(found)}, features)


def _read(path: Path, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    try:
        features = tensors.load(path)[0].get("features")
    except RunError:
        return None
    return features if features is not None and features.shape == shape else None
