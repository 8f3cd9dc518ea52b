"""Do the targets pull the shared layers the same way? Their gradients, layer by layer."""

from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl

from netwright.data.arrays import Arrays as Rows
from netwright.models._output import head_of
from netwright.nn.row_mask import row_mask
from netwright.nn.skeleton import Arrays
from netwright.train.balance import apart, gram
from netwright.train.objective import costs_of, outputs_of
from netwright.train.plan import Hyper, Plan
from netwright.watch.probe import layer_of

BATCHES = 32
"""Mini-batches that the cosines are taken over."""
SHARED = "all shared layers"
TEXTS, NUMBERS = ("layer", "first", "second"), ("cosine", "conflict", "ratio")
SCHEMA: dict[str, Any] = {name: pl.String if name in TEXTS else pl.Float64 for name in (*TEXTS, *NUMBERS)}


def conflicts(plan: Plan, hyper: Hyper, params: Arrays, rest: Arrays, rows: Rows) -> pl.DataFrame:
    """Return how the gradients of each two targets lie to each other, in each shared layer and in all of them.

    The gradients are those of the targets' mean losses on single mini-batches, in evaluation mode: where their cosine
    is below 0 a step for one target raises the loss of the other (Yu et al. 2020, definition 1).

    Args:
      plan: of a training on several targets; hyper: its numbers.
      params, rest: the weights; rows: training rows.

    Returns:
      a row a layer and pair: layer, first, second, cosine (mean over batches), conflict (share of the batches with a
      cosine below 0) and ratio (the norm of the first over that of the second). None where nothing is shared.
    """
    layers = _shared_layers(list(params))
    if not layers:
        return pl.DataFrame(schema=SCHEMA)
    order = np.random.default_rng(0).permutation(len(rows))
    size = plan.batch_size
    starts = range(0, max(1, len(order) - size + 1), size)[:BATCHES]
    program = _grams(plan)
    found = [
        np.asarray(program(hyper, params, rest, rows.x[part], rows.y[part], rows.weight[part]), np.float64)
        for start in starts
        for part in [np.sort(order[start : start + size])]
    ]
    layers = [*layers, SHARED]
    names = [goal.name for goal in plan.goals]
    table = np.stack(found, axis=1)  # (layers, batches, T, T)
    rows_of = [
        {"layer": layer, "first": names[i], "second": names[j], **_of_pair(table[place], i, j)}
        for place, layer in enumerate(layers)
        for i, j in combinations(range(len(names)), 2)
    ]
    return pl.DataFrame(rows_of, schema=SCHEMA)


def _of_pair(grams: np.ndarray, i: int, j: int) -> dict[str, float | None]:
    """Return the numbers of two targets over batches (batches, T, T); none where one has no gradient at all."""
    first, second = np.sqrt(grams[:, i, i]), np.sqrt(grams[:, j, j])
    there = (first > 0) & (second > 0)
    if not there.any():
        return {"cosine": None, "conflict": None, "ratio": None}
    cosines = grams[there, i, j] / (first[there] * second[there])
    return {
        "cosine": float(cosines.mean()),
        "conflict": float((cosines < 0).mean()),
        "ratio": float(np.median(first[there] / second[there])),
    }


def _shared_layers(names: list[str]) -> list[str]:
    return list(dict.fromkeys(layer_of(name) for name in names if head_of(name) is None))


@lru_cache(maxsize=32)
def _grams(plan: Plan) -> Callable[..., jax.Array]:
    """Return the compiled products of the targets' gradients: (layers + 1, T, T), those over all layers last."""

    def run(hyper: Hyper, params: Arrays, rest: Arrays, x: Any, y: Any, weight: Any) -> jax.Array:
        plain = {**hyper, "label_smoothing": jnp.float32(0)}

        def costs(params: Arrays) -> jax.Array:
            model: Any = plan.skeleton.merge(params, rest)
            model.eval()
            with row_mask(weight > 0):
                return costs_of(plan, plain, outputs_of(plan, model, x), y, weight)[0]

        values, pull = jax.vjp(costs, params)
        each = apart(pull, values)
        layers = _shared_layers(list(params))
        grams = [gram({n: g for n, g in each.items() if layer_of(n) == layer}) for layer in layers]
        return jnp.stack([*grams, sum(grams[1:], grams[0])])

    return jax.jit(run)
