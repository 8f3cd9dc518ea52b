"""Logistic (or linear, or softmax) regression: a network with no hidden layer."""

import jax
from flax import nnx

from netwright.models._output import output_layer
from netwright.models._spec import ModelSpec
from netwright.nn.columns import ColumnEmbeddings

TAKES = ("table", "image", "sequence", "text")
"""Layouts that this model reads."""


class Logistic(nnx.Module):
    """``z = X w + b``; the loss turns z into σ(z), a softmax, or leaves it as it is.

    A text's row of X is the bag of its words, see :class:`~netwright.nn.token_bag.TokenBag`.
    """

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        codes, text = spec.layout.embeddings, spec.layout.kind == "text"
        self.columns = ColumnEmbeddings(spec.layout.size, codes, rngs=rngs) if codes else None
        n_in = self.columns.n_out if self.columns else spec.layout.size
        self.output = output_layer(None if text else n_in, spec, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, …), each example as one row of numbers, to z (m, n_out)."""
        x = x.reshape(x.shape[0], -1)
        return self.output(self.columns(x) if self.columns else x)


def logistic(spec: ModelSpec, rngs: nnx.Rngs) -> Logistic:
    """Build the model; ``spec.hidden`` is ignored, for there is none."""
    return Logistic(spec, rngs)
