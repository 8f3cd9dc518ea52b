"""What a network with a body of its own ends with: a dense head, and the linear output."""

from typing import Any

import jax
from flax import nnx

from netwright.models._conv import Head
from netwright.models._output import output_layer
from netwright.models._spec import ModelSpec


class Network(nnx.Module):
    """Body → dense head → linear output.

    Args:
      body: maps x (m, *layout.shape) to features (m, n); its attribute ``n_out`` is n.
      spec: of the model.
      rngs: NNX random streams.
    """

    def __init__(self, body: Any, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.body = body
        self.head = Head(body.n_out, spec, rngs)
        self.output = output_layer(self.head.n_out, spec, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, *layout.shape) to z (m, n_out)."""
        return self.output(self.head(self.body(x)))
