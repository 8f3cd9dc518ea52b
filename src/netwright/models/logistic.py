"""Logistic (or linear, or softmax) regression: a network with no hidden layer."""

import jax
from flax import nnx

from netwright.models._spec import ModelSpec
from netwright.nn.columns import ColumnEmbeddings
from netwright.nn.dense import dense


class Logistic(nnx.Module):
    """``z = X w + b``; the loss turns z into σ(z), a softmax, or leaves it as it is."""

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.columns = ColumnEmbeddings(spec.n_in, spec.embeddings, rngs=rngs) if spec.embeddings else None
        n_in = self.columns.n_out if self.columns else spec.n_in
        self.output = dense(
            n_in,
            spec.n_out,
            kernel=spec.initializer("linear"),
            bias=spec.bias,
            precision=spec.precision,
            rngs=rngs,
        )

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, n_in) to z (m, n_out)."""
        return self.output(self.columns(x) if self.columns else x)


def logistic(spec: ModelSpec, rngs: nnx.Rngs) -> Logistic:
    """Build the model; ``spec.hidden`` is ignored, for there is none."""
    return Logistic(spec, rngs)
