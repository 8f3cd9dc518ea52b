"""The multilayer perceptron: ``a[l] = g(a[l−1] W[l] + b[l])``."""

from itertools import pairwise

import jax
from flax import nnx

from netwright.core import catalog
from netwright.models._spec import ModelSpec
from netwright.nn.batch_norm import BatchNorm
from netwright.nn.columns import ColumnEmbeddings
from netwright.nn.dense import dense
from netwright.nn.dropout import Dropout

TAKES = ("table", "image", "sequence")
"""Layouts that this model reads."""


class Block(nnx.Module):
    """One hidden layer: linear → (batch normalization) → activation → (dropout)."""

    def __init__(self, n_in: int, n_out: int, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.linear = dense(
            n_in,
            n_out,
            kernel=spec.initializer(spec.activation),
            bias=spec.bias,
            precision=spec.precision,
            rngs=rngs,
        )
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


class MLP(nnx.Module):
    """Input → hidden blocks → linear output."""

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        codes = spec.layout.embeddings
        self.columns = ColumnEmbeddings(spec.layout.size, codes, rngs=rngs) if codes else None
        widths = (self.columns.n_out if self.columns else spec.layout.size, *spec.hidden)
        self.hidden = nnx.List([Block(n_in, n_out, spec, rngs) for n_in, n_out in pairwise(widths)])
        self.output = dense(
            widths[-1],
            spec.n_out,
            kernel=spec.initializer("linear"),
            bias=spec.bias,
            precision=spec.precision,
            rngs=rngs,
        )

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, …), each example as one row of numbers, to z (m, n_out)."""
        x = x.reshape(len(x), -1)
        a = self.columns(x) if self.columns else x
        for block in self.hidden:
            a = block(a)
        return self.output(a)


def mlp(spec: ModelSpec, rngs: nnx.Rngs) -> MLP:
    """Build the model from its spec."""
    return MLP(spec, rngs)
