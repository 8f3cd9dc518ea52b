"""The multilayer perceptron: ``a[l] = g(a[l−1] W[l] + b[l])``."""

import jax
from flax import nnx

from netwright.core import catalog
from netwright.models._output import linear, output_layer
from netwright.models._spec import ModelSpec
from netwright.nn.batch_norm import BatchNorm
from netwright.nn.columns import ColumnEmbeddings
from netwright.nn.dropout import Dropout

TAKES = ("table", "image", "sequence", "text")
"""Layouts that this model reads; of a text it reads the bag of its words."""


class Block(nnx.Module):
    """One hidden layer: linear → (batch normalization) → activation → (dropout)."""

    def __init__(self, n_in: int | None, n_out: int, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.linear = linear(n_in, n_out, spec.activation, spec, rngs)
        self.norm = BatchNorm(n_out, rngs=rngs) if spec.batch_norm else None
        self.activation = catalog.load("nn.activations", spec.activation)
        self.dropout = Dropout(0.0, scaling=spec.dropout_scaling, rngs=rngs) if spec.dropout else None

    def __call__(self, a: jax.Array) -> jax.Array:
        """Map a[l−1] (m, n_in) to a[l] (m, n_out)."""
        z = self.linear(a)
        if self.norm:
            z = self.norm(z)
        a = self.activation(z)
        return self.dropout(a) if self.dropout else a


class Hidden(nnx.Module):
    """Input → hidden blocks."""

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        codes, text = spec.layout.embeddings, spec.layout.kind == "text"
        self.columns = ColumnEmbeddings(spec.layout.size, codes, rngs=rngs) if codes else None
        n_in = self.columns.n_out if self.columns else spec.layout.size
        widths = (None if text else n_in, *spec.hidden)
        blocks = [
            Block(before, width, spec, rngs) for before, width in zip(widths, spec.hidden, strict=False)
        ]
        self.hidden = nnx.List(blocks)
        self.n_out = widths[-1]

    def features(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, …), each example as one row of numbers, to a (m, n_out) of the last hidden layer."""
        x = x.reshape(x.shape[0], -1)
        a = self.columns(x) if self.columns else x
        for block in self.hidden:
            a = block(a)
        return a

    def __call__(self, x: jax.Array) -> jax.Array:
        """See :meth:`features`."""
        return self.features(x)


class MLP(Hidden):
    """Input → hidden blocks → linear output."""

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        super().__init__(spec, rngs)
        self.output = output_layer(self.n_out, spec, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, …), each example as one row of numbers, to z (m, n_out)."""
        return self.output(self.features(x))


def body(spec: ModelSpec, rngs: nnx.Rngs) -> Hidden:
    """Build what turns an example into features (m, n): the hidden layers."""
    return Hidden(spec, rngs)


def mlp(spec: ModelSpec, rngs: nnx.Rngs) -> MLP:
    """Build the model from its spec."""
    return MLP(spec, rngs)
