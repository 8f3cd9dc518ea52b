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
        self.columns = ColumnEmbeddings(spec.n_in, spec.embeddings, rngs=rngs) if spec.embeddings else None
        widths = (self.columns.n_out if self.columns else spec.n_in, *spec.hidden)
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
        """Map ``x`` (m, n_in) to z (m, n_out)."""
        a = self.columns(x) if self.columns else x
        for block in self.hidden:
            a = block(a)
        return self.output(a)


def mlp(spec: ModelSpec, rngs: nnx.Rngs) -> MLP:
    """Build the model from its spec."""
    return MLP(spec, rngs)
