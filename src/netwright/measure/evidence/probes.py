"""Small questions to a trained network: is it blind, do its rows mix, do its modes agree, how sharp is its minimum."""

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.data.arrays import Arrays as Rows
from netwright.data.prepared import Prepared
from netwright.diagnose.interval import Interval, of_mean
from netwright.measure.evidence.network import Network, losses, some
from netwright.nn.row_mask import row_mask
from netwright.train.block import BLOCK_ROWS
from netwright.train.objective import losses_of, outputs_of
from netwright.train.plan import Plan
from netwright.train.predictor import forward_of, predict_blocks

MIXED_ROWS = 8
LEAST_BATCHES, MODE_ROWS = 32, 1024
POWER_STEPS = 60


def zeroed_gap(network: Network, prepared: Prepared) -> Interval | None:
    """Return the mean over dev rows of the loss with inputs at 0 minus that with real inputs."""
    if prepared.dev is None:
        return None
    rows = some(prepared.dev, BLOCK_ROWS)
    real, zeroed = (_losses(network, x, rows.y) for x in (rows.x, np.zeros_like(rows.x)))
    return of_mean(zeroed - real)


def _losses(network: Network, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    forward = forward_of(network.plan.skeleton, network.plan.task)
    outputs = predict_blocks(forward, network.params, network.rest, x, network.plan.block)
    return losses(network.plan, network.hyper, outputs, y)


def mixing(network: Network, prepared: Prepared) -> float:
    """Return the largest |∂ output of one row / ∂ input of another|, in evaluation mode, over eight rows."""
    x = some(prepared.train, MIXED_ROWS).x
    return float(_mixing(network.plan)(network.params, network.rest, x))


@lru_cache(maxsize=32)
def _mixing(plan: Plan) -> Any:
    def run(params: Any, rest: Any, x: jax.Array) -> jax.Array:
        def first(x: jax.Array) -> jax.Array:
            model = plan.skeleton.merge(params, rest)
            model.eval()
            return jnp.sum(outputs_of(plan, model, x)[0])

        return jnp.max(jnp.abs(jax.grad(first)(x)[1:]), initial=0.0)

    return jax.jit(run)


def mode_gap(network: Network, prepared: Prepared) -> Interval | None:
    """Return the mean over batches of the loss in training mode minus that in evaluation mode.

    None without batch normalization, for which both are the same once dropout is off.
    """
    plan = network.plan
    if not network.normalizes:
        return None
    size = plan.batch_size
    # Small batches are the noisy ones, so that more of them are looked at: rows count, not batches.
    count = min(max(LEAST_BATCHES, MODE_ROWS // size), len(prepared.train) // size)
    if count < 2:
        return None
    chosen = np.random.default_rng(0).permutation(len(prepared.train))[: count * size].reshape(count, size)
    rows = prepared.train
    return of_mean(
        np.asarray(
            _mode_gap(plan)(network.params, network.rest, network.hyper, rows.x[chosen], rows.y[chosen])
        )
    )


@lru_cache(maxsize=32)
def _mode_gap(plan: Plan) -> Any:
    def run(params: Any, rest: Any, hyper: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        def loss(x: jax.Array, y: jax.Array, *, training: bool) -> jax.Array:
            model = plan.skeleton.merge(params, rest)
            model.train() if training else model.eval()
            with row_mask(jnp.ones(len(x), bool)):
                return jnp.mean(losses_of(plan, hyper, outputs_of(plan, model, x), y))

        def gap(batch: tuple[jax.Array, jax.Array]) -> jax.Array:
            return loss(*batch, training=True) - loss(*batch, training=False)

        return jax.lax.map(gap, (x, y))

    return jax.jit(run)


def sharpness(network: Network, prepared: Prepared, rate: float, step: int) -> np.ndarray:
    """Return [[step, rate × λ]], λ the largest eigenvalue of the Hessian of the training loss (up to 256 rows).

    Power iteration on Hessian-vector products finds the eigenvalue of largest size; where that is negative the
    Hessian is shifted by it and the largest positive one is found.
    """
    rows: Rows = some(prepared.train)
    largest = float(_sharpness(network.plan)(network.params, network.rest, network.hyper, rows.x, rows.y))
    return np.array([[float(step), rate * largest]])


@lru_cache(maxsize=32)
def _sharpness(plan: Plan) -> Any:
    def run(params: Any, rest: Any, hyper: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        def cost(params: Any) -> jax.Array:
            model = plan.skeleton.merge(params, rest)
            model.eval()
            return jnp.mean(losses_of(plan, hyper, outputs_of(plan, model, x), y))

        def times(v: Any) -> Any:
            return jax.jvp(jax.grad(cost), (params,), (v,))[1]

        def dot(a: Any, b: Any) -> jax.Array:
            return sum((jnp.vdot(a[name], b[name]) for name in a), jnp.float32(0))

        def power(shift: jax.Array) -> jax.Array:
            def step(_: int, v: Any) -> Any:
                w = {name: a - shift * v[name] for name, a in times(v).items()}
                norm = jnp.sqrt(dot(w, w)) + jnp.float32(1e-30)
                return {name: a / norm for name, a in w.items()}

            keys = jax.random.split(jax.random.key(0), len(params))
            v = {n: jax.random.normal(k, a.shape) for k, (n, a) in zip(keys, params.items(), strict=True)}
            v = jax.lax.fori_loop(0, POWER_STEPS, step, v)
            return dot(v, times(v)) / dot(v, v)

        first = power(jnp.float32(0))
        return jax.lax.cond(first < 0, lambda: power(first), lambda: first)

    return jax.jit(run)
