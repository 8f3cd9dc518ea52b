"""The LSTM: recurrent layers with a memory that gates guard."""

from flax import nnx

from netwright.models._network import Network
from netwright.models._recurrent import RecurrentBody
from netwright.models._spec import ModelSpec

TAKES = ("sequence", "text")
"""Layouts that this model reads."""


def body(spec: ModelSpec, rngs: nnx.Rngs) -> RecurrentBody:
    """Build what turns an example into features (m, n): a layer of ``spec.hidden`` units after the other."""
    return RecurrentBody("lstm", spec, rngs)


def lstm(spec: ModelSpec, rngs: nnx.Rngs) -> Network:
    """Build the model from its spec."""
    return Network(body(spec, rngs), spec, rngs)
