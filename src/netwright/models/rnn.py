"""The plain recurrent network of tanh units."""

from flax import nnx

from netwright.models._network import Network
from netwright.models._recurrent import RecurrentBody
from netwright.models._spec import ModelSpec

TAKES = ("sequence", "text")
"""Layouts that this model reads."""


def rnn(spec: ModelSpec, rngs: nnx.Rngs) -> Network:
    """Build the model: a layer of units for each width in ``spec.hidden``."""
    return Network(RecurrentBody("rnn", spec, rngs), spec, rngs)
