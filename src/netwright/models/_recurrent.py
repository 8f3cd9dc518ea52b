"""The body of the recurrent networks: layers of states, and the last state of the last layer."""

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.models._spec import ModelSpec
from netwright.models._steps import Steps
from netwright.nn.batch_norm import BatchNorm
from netwright.nn.dropout import Dropout
from netwright.nn.recurrent import Cell, Recurrent
from netwright.nn.row_mask import current_row_mask


class Layer(nnx.Module):
    """One layer: its states forwards, and backwards beside them → (batch normalization)."""

    def __init__(self, cell: Cell, n_in: int, units: int, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        def direction(backwards: bool) -> Recurrent:
            return Recurrent(
                cell,
                n_in,
                units,
                kernel=spec.initializer("tanh"),
                recurrent=catalog.load("nn.initializers", "orthogonal")()
                if spec.kernel == "auto"
                else spec.initializer("tanh"),
                bias=spec.bias,
                backwards=backwards,
                precision=spec.precision,
                rngs=rngs,
            )

        self.forward = direction(False)
        self.backward = direction(True) if spec.bidirectional else None
        self.n_out = units * (1 + spec.bidirectional)
        self.norm = BatchNorm(self.n_out, rngs=rngs) if spec.batch_norm else None

    def __call__(self, x: jax.Array, mask: jax.Array | None) -> jax.Array:
        """Map ``x`` (m, T, n_in) to states (m, T, n_out)."""
        h = self.forward(x, mask)
        if self.backward:
            h = jnp.concatenate([h, self.backward(x, mask)], axis=2)
        return self.norm(h, mask=real_steps(h, mask)) if self.norm else h

    def last(self, h: jax.Array) -> jax.Array:
        """Return the state (m, n_out) after the last real step, in each direction."""
        if not self.backward:
            return self.forward.last(h)
        ahead, back = jnp.split(h, 2, axis=2)
        return jnp.concatenate([self.forward.last(ahead), self.backward.last(back)], axis=1)


class RecurrentBody(nnx.Module):
    """Steps → layers → the last state, with dropout between layers and none in time.

    Reference: Zaremba, Sutskever and Vinyals (2014), "Recurrent neural network regularization".

    Raises:
      ControlError: there is no layer.
    """

    def __init__(self, cell: Cell, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        if not spec.hidden:
            raise ControlError(
                f"architecture.hidden: found [] with kind={cell}, which needs a layer at least"
            )
        self.steps = Steps(spec.layout, spec.hidden[0], rngs)
        n_in, layers = self.steps.n_out, list[Layer]()
        for units in spec.hidden:
            layers.append(Layer(cell, n_in, units, spec, rngs))
            n_in = layers[-1].n_out
        self.layers = nnx.List(layers)
        between = len(layers) - 1 if spec.dropout else 0
        self.dropouts = nnx.List(
            [Dropout(0.0, scaling=spec.dropout_scaling, rngs=rngs) for _ in range(between)]
        )
        self.n_out = n_in

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, T, …) to features (m, n_out)."""
        h, mask = self.steps(x)
        for place, layer in enumerate(self.layers):
            h = layer(self.dropouts[place - 1](h) if place and self.dropouts else h, mask)
        return self.layers[-1].last(h)


def real_steps(h: jax.Array, mask: jax.Array | None) -> jax.Array | None:
    """Return (m, T, 1): real steps of real rows, or None when all are."""
    rows = current_row_mask(3)
    if mask is None or rows is None:
        steps = rows if mask is None else mask[:, :, None]
        return None if steps is None else jnp.broadcast_to(steps, (*h.shape[:2], 1))
    return rows & mask[:, :, None]
