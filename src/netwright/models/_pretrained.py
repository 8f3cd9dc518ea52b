"""A model that stands on a backbone of another training, and trains it further."""

import json
from dataclasses import replace

from flax import nnx

from netwright.models import backbones
from netwright.models._network import Network
from netwright.models._spec import ModelSpec
from netwright.nn.mixed import multiply_mixed

BODY = "body"
"""The backbone's name within the model: its parameters are "body.stem.…", "body.blocks.0.…" and so on."""


def on_backbone(spec: ModelSpec, rngs: nnx.Rngs) -> Network:
    """Build backbone → hidden layers → linear output; the backbone, too, at random weights."""
    fields = json.loads(spec.backbone)
    body = backbones.build(fields["family"], fields["config"], rngs)
    if spec.precision == "mixed":
        multiply_mixed(body)
    return Network(body, replace(spec, head=spec.hidden), rngs)
