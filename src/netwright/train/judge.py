"""Judging on the device: the tally of a data set, the record of an epoch, when to stop."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import Mesh

from netwright.nn.skeleton import Arrays
from netwright.train.balance import weighting_of, weights_now
from netwright.train.mesh import shared_out
from netwright.train.objective import (
    decisive,
    empty_tally,
    losses_of,
    means_names,
    means_of,
    outputs_of,
    tally_of,
)
from netwright.train.plan import Hyper, Plan, learning_rate_of
from netwright.train.state import Data, Stopping, Tally


def evaluate(
    plan: Plan, hyper: Hyper, params: Arrays, rest: Arrays, data: Data, *, mesh: Mesh | None = None
) -> Tally:
    """Return the tally over all rows in evaluation mode (dropout off, running averages on)."""
    rows = data.x.shape[0]
    block = min(rows, plan.block)

    def body(i: jax.Array, tally: Tally) -> Tally:
        # The last block is moved back to end with the data; rows already counted get the weight 0.
        start = jnp.minimum(i * block, rows - block)
        x, y = (shared_out(lax.dynamic_slice_in_dim(a, start, block), mesh) for a in (data.x, data.y))
        weight = (
            jnp.float32(1) if data.weight is None else lax.dynamic_slice_in_dim(data.weight, start, block)
        )
        # Put together in the loop's own trace: a module with random streams may not draw from them from without.
        model = plan.skeleton.merge(params, rest)
        model.eval()
        fresh = start + lax.iota(jnp.int32, block) >= i * block
        weight = jnp.where(fresh, weight, jnp.float32(0))
        outputs = outputs_of(plan, model, x)
        losses = losses_of(plan, {**hyper, "label_smoothing": jnp.float32(0)}, outputs, y)
        return jax.tree.map(jnp.add, tally, tally_of(plan, outputs, y, losses, weight))

    return lax.fori_loop(0, -(-rows // block), body, empty_tally(plan))


class Ended(NamedTuple):
    """What the end of an epoch leaves.

    Attributes:
      stopping: who stopped; tally: an empty one, for the next epoch; go: whether there is to be one.
      record: the epoch's numbers as one array, since each array that the host reads costs it several steps of a
        small network.
    """

    stopping: Stopping
    tally: Tally
    go: jax.Array
    record: jax.Array


def recorded(plan: Plan, *, judged: bool) -> tuple[str, ...]:
    """Return the names of the numbers in a record; ``judged``: whether there are dev rows."""
    parts = ("train", "dev") if judged else ("train",)
    means = [f"{part}_{name}" for name in means_names(plan) for part in parts]
    weights = [f"weight.{goal.name}" for goal in plan.goals if weighting_of(plan).learns]
    return ("finite", "stopped", *means, *weights, "learning_rate")


def end_epoch(
    plan: Plan,
    hyper: Hyper,
    position: tuple[jax.Array, jax.Array],
    stopping: Stopping,
    state: tuple[Arrays, Arrays],
    tally: Tally,
    finite: jax.Array,
    dev: Tally | None,
    optimizer: Any,
) -> Ended:
    """Judge the epoch: its record, and whether to stop.

    Args:
      position: (epoch, steps taken so far).
      state: (params, rest) after the epoch; tally, finite: of the epoch.
      dev: the tally on the dev rows, if there are any.
      optimizer: its state after the epoch; of several targets it knows their weights.
    """
    train = means_of(plan, hyper, tally)
    cost = train["loss"]
    epoch, steps = position
    record: dict[str, jax.Array] = {f"train_{name}": mean for name, mean in train.items()}
    record |= weights_now(plan, optimizer)
    record |= {"finite": finite, "learning_rate": learning_rate_of(plan, hyper)(steps - 1)}
    running = stopping.stopped == 0
    improved = running
    wait = stopping.wait
    if dev is not None:
        means = means_of(plan, hyper, dev)
        record |= {f"dev_{name}": mean for name, mean in means.items()}
        dev_loss = decisive(plan, means)
        improved = running & (dev_loss < stopping.best - hyper["min_delta"])
        wait = jnp.where(improved, 0, stopping.wait + 1)
        stopping = stopping._replace(best=jnp.where(improved, dev_loss, stopping.best))
    patience = jnp.where(wait.astype(jnp.float32) >= hyper["patience"], 1, 0)
    tolerance = jnp.where(jnp.abs(cost - stopping.cost) < hyper["tolerance"], 2, 0)
    # Until a dev loss is finite there is no best: the newest weights are kept, never those of the start.
    best_so_far = improved | (running & jnp.isinf(stopping.best))
    keep = {"best": best_so_far, "stop": running, "last": None}[plan.keep]
    params, rest = stopping.params, stopping.rest
    if keep is not None:
        params, rest = jax.tree.map(lambda new, old: jnp.where(keep, new, old), state, (params, rest))
    stopping = Stopping(
        best=stopping.best,
        best_epoch=jnp.where(improved, epoch, stopping.best_epoch),
        wait=wait,
        cost=jnp.where(running, cost, stopping.cost),
        epochs=stopping.epochs + running.astype(jnp.int32),
        stopped=jnp.where(running, jnp.maximum(patience, tolerance), stopping.stopped),
        params=params,
        rest=rest,
    )
    record["stopped"] = stopping.stopped
    names = recorded(plan, judged=dev is not None)
    dev_loss = jnp.float32(0) if dev is None else record["dev_loss"]
    go = (stopping.stopped == 0) & finite & jnp.isfinite(dev_loss)
    numbers = jnp.stack([jnp.float32(record[name]) for name in names])
    return Ended(stopping, empty_tally(plan), go, numbers)
