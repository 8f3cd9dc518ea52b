"""Several inputs, one network: a part for each kind of input, one trunk for all."""

from dataclasses import replace
from itertools import accumulate

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.core.layout import Layout
from netwright.models._conv import Head
from netwright.models._output import output_layer
from netwright.models._spec import ModelSpec

TAKES = ("several",)
"""Layouts that this model reads."""
FEATURES = 64
"""What each part has to say to the trunk, so that no input outweighs another by its size."""
PARTS = {
    "table": ("mlp", (64,)),
    "image": ("cnn", (16, 32)),
    "sequence": ("gru", (64,)),
    "text": ("transformer", (64,)),
}
"""The kind and the hidden widths of the part that reads each kind of input."""


class Several(nnx.Module):
    """Each input → its part → g; all features side by side → trunk of ``spec.hidden`` → dense head → linear output.

    Raises:
      ControlError: no part reads a kind of input.
    """

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.shapes = tuple(layout.shape for layout in spec.layout.parts)
        self.ends = tuple(accumulate(layout.size for layout in spec.layout.parts))
        self.parts = nnx.List([_part(spec, layout, rngs) for layout in spec.layout.parts])
        self.activation = catalog.load("nn.activations", spec.activation)
        trunk = replace(spec, head=(*spec.hidden, *spec.head))
        self.trunk = Head(FEATURES * len(self.shapes), trunk, rngs)
        self.output = output_layer(self.trunk.n_out, spec, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, n), the inputs raveled one after another, to z (m, n_out)."""
        raveled = jnp.split(x, self.ends[:-1], axis=1)
        inputs = (values.reshape(-1, *shape) for values, shape in zip(raveled, self.shapes, strict=True))
        features = [self.activation(part(values)) for part, values in zip(self.parts, inputs, strict=True)]
        return self.output(self.trunk(jnp.concatenate(features, axis=1)))


def _part(spec: ModelSpec, layout: Layout, rngs: nnx.Rngs) -> nnx.Module:
    if layout.kind not in PARTS:
        raise ControlError(
            f"architecture.kind: several reads {', '.join(PARTS)}; the data has an input of kind '{layout.kind}' "
            f"and shape {layout.shape}"
        )
    kind, hidden = PARTS[layout.kind]
    part = replace(spec, kind=kind, layout=layout, n_out=FEATURES, hidden=hidden, head=(), targets=())
    return catalog.load("models", kind)(part, rngs)


def several(spec: ModelSpec, rngs: nnx.Rngs) -> Several:
    """Build the model from its spec."""
    return Several(spec, rngs)
