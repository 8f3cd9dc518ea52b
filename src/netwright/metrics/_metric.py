"""What a metric is: sums over rows that add up over batches, and a number computed from them."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.core.errors import DataError

Sums = dict[str, jax.Array]


@dataclass(frozen=True)
class Metric:
    """A metric over rows. All of it works inside ``jit``, ``vmap`` and ``lax.scan``.

    Attributes:
      sums: ``(outputs, targets, weights) -> sums`` of one batch; weights (m,) ≥ 0, and a row of weight 0
        counts for nothing, whatever it holds.
      compute: ``sums -> scalar``.
      higher_is_better: the direction of improvement.
      tasks: the tasks it judges: "binary", "multiclass", "regression".
    """

    sums: Callable[[jax.Array, jax.Array, jax.Array], Sums]
    compute: Callable[[Sums], jax.Array]
    higher_is_better: bool
    tasks: tuple[str, ...]

    def empty(self, columns: int | None = None) -> Sums:
        """Return the sums of no rows, for outputs (m,), or (m, columns)."""
        rows = jax.ShapeDtypeStruct((1,), jnp.float32)
        outputs = rows if columns is None else jax.ShapeDtypeStruct((1, columns), jnp.float32)
        shapes = jax.eval_shape(self.sums, outputs, outputs, rows)
        return {name: jnp.zeros(like.shape) for name, like in shapes.items()}

    def update(
        self, state: Sums, outputs: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None
    ) -> Sums:
        """Return the sums with one more batch; without weights each row counts 1."""
        outputs, targets = jnp.asarray(outputs), jnp.asarray(targets)
        weights = jnp.ones(outputs.shape[0]) if weights is None else jnp.asarray(weights)
        return self.merge(state, self.sums(outputs, targets, weights))

    def merge(self, a: Sums, b: Sums) -> Sums:
        """Return the sums of both sets of rows."""
        return jax.tree.map(jnp.add, a, b)

    def __call__(self, outputs: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None) -> jax.Array:
        """Return the metric of one set of rows."""
        columns = jnp.shape(outputs)[1] if jnp.ndim(outputs) == 2 else None
        return self.compute(self.update(self.empty(columns), outputs, targets, weights))


def weighted_sum(values: jax.Array, weights: jax.Array) -> jax.Array:
    """Return Σᵢ wᵢ vᵢ over rows; a row of weight 0 adds exactly 0 even where its value is NaN.

    ``values`` are (m,) or (m, k), which gives k sums.
    """
    weights = weights.astype(values.dtype).reshape(-1, *[1] * (values.ndim - 1))
    return jnp.where(weights > 0, weights * values, 0).sum(axis=0)


def errors(metric: str, outputs: jax.Array, targets: jax.Array) -> jax.Array:
    """Return y − ŷ in at least float32.

    Raises:
      DataError: outputs and targets differ in shape.
    """
    if outputs.shape != targets.shape:
        raise DataError(
            f"{metric}: outputs have shape {outputs.shape} and targets {targets.shape}; expected equal shapes"
        )
    dtype = outputs.dtype if outputs.dtype in (jnp.float32, jnp.float64) else jnp.float32
    return targets.astype(dtype) - outputs.astype(dtype)


def rows(values: jax.Array) -> jax.Array:
    """Return the mean over everything but the first axis: (m, …) → (m,)."""
    return values.mean(axis=tuple(range(1, values.ndim)))
