"""The Transformer encoder: blocks of self-attention over the steps of a sequence or the tokens of a text."""

import jax
from flax import nnx

from netwright.models._blocks import Encoder, width_of
from netwright.models._network import Network
from netwright.models._spec import ModelSpec
from netwright.models._steps import Steps

TAKES = ("sequence", "text")
"""Layouts that this model reads."""


class TransformerBody(nnx.Module):
    """Steps → encoder."""

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.steps = Steps(spec.layout, width_of(spec), rngs)
        self.encoder = Encoder(self.steps.n_out, spec.layout.shape[0], spec, rngs)
        self.n_out = self.encoder.n_out

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, T, …) to features (m, n_out)."""
        return self.encoder(*self.steps(x))


def transformer(spec: ModelSpec, rngs: nnx.Rngs) -> Network:
    """Build the model: ``spec.hidden`` has the features of each block, all equal."""
    return Network(TransformerBody(spec, rngs), spec, rngs)
