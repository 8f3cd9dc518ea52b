"""The recurrent layer: a sequence of steps into a sequence of states, in one direction."""

from typing import Any, Literal

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.nn.kernels.recurrent import gru, lstm, rnn

Cell = Literal["rnn", "lstm", "gru"]
_CELLS = {"rnn": (rnn, 1, 1), "lstm": (lstm, 4, 4), "gru": (gru, 3, 4)}
"""The kernel, how many matrices it has side by side, and how many biases."""


class Recurrent(nnx.Module):
    """A tanh RNN, an LSTM or a GRU from a zero state; see :mod:`netwright.nn.kernels.recurrent`.

    Every gate's kernels are drawn for themselves. The LSTM's forget gate starts with its bias at 1 more than the
    others, so that the cell remembers before it has learned what to forget (Gers, Schmidhuber and Cummins 2000;
    Jozefowicz, Zaremba and Sutskever 2015).

    Args:
      cell: "rnn", "lstm" or "gru".
      n_in: C, numbers in a step; n_out: H, units.
      kernel, recurrent: initializers of the kernels (C, H) and (H, H) of each gate.
      bias: where the biases start.
      backwards: whether to run from the last step to the first.
      precision: "float32" or "mixed".
      rngs: NNX random streams.
    """

    def __init__(
        self,
        cell: Cell,
        n_in: int,
        n_out: int,
        *,
        kernel: Any,
        recurrent: Any,
        bias: float = 0.0,
        backwards: bool = False,
        precision: str = "float32",
        rngs: nnx.Rngs,
    ) -> None:
        _, gates, biases = _CELLS[cell]

        def drawn(initializer: Any, rows: int) -> nnx.Param[jax.Array]:
            blocks = [initializer(rngs.params(), (rows, n_out)) for _ in range(gates)]
            return nnx.Param(jnp.concatenate(blocks, axis=1))

        self.kernel, self.recurrent_kernel = drawn(kernel, n_in), drawn(recurrent, n_out)
        start = jnp.full(biases * n_out, bias, jnp.float32)
        self.bias = nnx.Param(start.at[n_out : 2 * n_out].add(1.0) if cell == "lstm" else start)
        self.cell, self.backwards, self.precision = cell, backwards, precision

    def __call__(self, x: jax.Array, mask: jax.Array | None = None) -> jax.Array:
        """Map ``x`` (m, T, C) to the states (m, T, H); where ``mask`` (m, T) is False the state is carried on."""
        if self.backwards:
            x, mask = jnp.flip(x, 1), None if mask is None else jnp.flip(mask, 1)
        run = _CELLS[self.cell][0]
        weights = (self.kernel[...], self.recurrent_kernel[...], self.bias[...])
        h = run(x, *weights, mask, precision=self.precision)
        return jnp.flip(h, 1) if self.backwards else h

    def last(self, h: jax.Array) -> jax.Array:
        """Return the state (m, H) after the last real step in this layer's direction."""
        return h[:, 0 if self.backwards else -1]
