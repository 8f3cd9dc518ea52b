"""The GRU: recurrent layers whose two gates mix the old state with the new."""

from flax import nnx

from netwright.models._network import Network
from netwright.models._recurrent import RecurrentBody
from netwright.models._spec import ModelSpec

TAKES = ("sequence", "text")
"""Layouts that this model reads."""


def gru(spec: ModelSpec, rngs: nnx.Rngs) -> Network:
    """Build the model: a layer of units for each width in ``spec.hidden``."""
    return Network(RecurrentBody("gru", spec, rngs), spec, rngs)
