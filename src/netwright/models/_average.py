"""Networks side by side, as one model."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import jax
from flax import nnx


class Average(nnx.Module):
    """The mean of its members' outputs.

    Of squared errors, and of the losses of classes with the logits averaged, the loss of the mean is at most the
    mean of the losses (Jensen): what the members' seeds alone decide averages out.
    """

    def __init__(self, members: Sequence[nnx.Module]) -> None:
        self.members = nnx.List(list(members))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, …) to the mean of the members' z (m, n_out)."""
        members: Any = self.members
        return reduce(add, [member(x) for member in members]) / len(members)
