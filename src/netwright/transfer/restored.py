"""The encoder of a run that learned from features, read back with the backbone that it was saved with."""

from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.core import tensors
from netwright.data.encoder import Encoder
from netwright.models import backbones
from netwright.nn.skeleton import split
from netwright.transfer.backbone import Backbone
from netwright.transfer.features import FeatureEncoder


def read_features(fields: dict[str, Any], tokenizer: str | None, weights: Path) -> FeatureEncoder:
    """Return the encoder that :meth:`FeatureEncoder.to_json` described; nothing in the files is executed.

    Args:
      fields: of preprocess.json.
      tokenizer: of texts, the content of tokenizer.json.
      weights: file of the backbone's weights.

    Raises:
      RunError: the weights are damaged, or another network's.
      KeyError, TypeError, ValueError: the fields are damaged.
    """
    inner = {**fields["inner"], "tokenizer": tokenizer}
    known = fields["backbone"]
    module = _module(str(known["family"]), dict(known["config"]), weights)
    network = Backbone(
        name=str(known["name"]),
        family=str(known["family"]),
        config=dict(known["config"]),
        module=module,
        width=int(module.n_out),
        kind=str(known["kind"]),
        preprocess=inner,
        fingerprint=str(known["fingerprint"]),
        groups=tuple(known["groups"]),
    )
    center, scale = (np.asarray(fields[name], np.float32) for name in ("center", "scale"))
    if center.shape != (network.width,) or scale.shape != center.shape:
        raise ValueError(f"{len(center)} centers for {network.width} features")
    return FeatureEncoder(Encoder.from_json(inner), network, center, scale)


def _module(family: str, config: dict[str, Any], path: Path) -> Any:
    skeleton, params, rest = split(nnx.eval_shape(lambda: backbones.build(family, config, nnx.Rngs(0))))
    found, _ = tensors.load(path)
    tensors.check_shapes(path, found, {name: tensors.shape_of(a) for name, a in (params | rest).items()})
    module = skeleton.merge(*({name: jnp.asarray(found[name]) for name in part} for part in (params, rest)))
    module.eval()
    return module
