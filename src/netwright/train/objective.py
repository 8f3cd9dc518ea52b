"""What a batch costs: its outputs, its losses, and what is summed of them; of one target or of several."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.core import catalog
from netwright.train.augment import Mixed, Targets
from netwright.train.goals import Goal
from netwright.train.plan import Hyper, Plan
from netwright.train.state import Tally


def outputs_of(plan: Plan, model: Any, x: jax.Array) -> jax.Array:
    """Run the model; a single output column (m, 1) becomes (m,), as losses of one number per row expect."""
    return one_column(model(x).astype(jnp.float32), plan.task)


def one_column(outputs: jax.Array, task: str) -> jax.Array:
    """Return outputs (m, 1) as (m,), unless they are the scores of classes or those of several targets."""
    single = task not in ("multiclass", "multitask") and outputs.ndim == 2 and outputs.shape[1] == 1
    return outputs[:, 0] if single else outputs


def mean_of(
    plan: Plan, hyper: Hyper, outputs: jax.Array, y: Targets, weight: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return the weighted mean loss of a batch and its losses (m,); of several targets ``Σ λ_i J_i``."""
    costs, losses = costs_of(plan, hyper, outputs, y, weight)
    if not plan.goals:
        return costs, losses
    factors = factors_of(plan, hyper)
    known = jnp.where(_weights_of(y, weight) > 0, losses, jnp.float32(0))
    return jnp.sum(factors * costs), jnp.sum(factors[None] * known, axis=1)


def costs_of(
    plan: Plan, hyper: Hyper, outputs: jax.Array, y: Targets, weight: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return the weighted mean loss of a batch, and its losses (m,); of several targets (T,) and (m, T).

    A row counts for the targets that it has. A batch without any row of a target costs 0 for it.
    """
    losses = losses_of(plan, hyper, outputs, y)
    if plan.goals:
        weight = _weights_of(y, weight)
        losses = jnp.where(weight > 0, losses, jnp.float32(0))
    total = jnp.maximum(jnp.sum(weight, axis=0), jnp.float32(1e-12))
    return jnp.sum(weight * losses, axis=0) / total, losses


def losses_of(plan: Plan, hyper: Hyper, outputs: jax.Array, y: Targets) -> jax.Array:
    """Return the per-example losses (m,), with smoothed or mixed labels if the plan has them.

    Of several targets they are (m, T), and what stands where a row lacks a target means nothing.
    """
    if isinstance(y, Mixed):
        own, other = (losses_of(plan, hyper, outputs, one) for one in (y.own, _other(y)))
        share = y.share[:, None] if plan.goals else y.share
        return share * own + (1 - share) * other
    if plan.goals:
        each = [losses_of(*_part(plan, hyper, goal, i, outputs, y)) for i, goal in enumerate(plan.goals)]
        return jnp.stack(each, axis=1)
    loss = catalog.load("losses", plan.loss) if isinstance(plan.loss, str) else plan.loss
    targets = y
    if plan.loss == "bce" or (plan.task == "binary" and plan.smoothing):
        targets = y.astype(jnp.float32)
    if plan.smoothing:
        classes = outputs.shape[1] if outputs.ndim == 2 else 2
        if outputs.ndim == 2:
            targets = jax.nn.one_hot(y, classes, dtype=jnp.float32)
        targets = targets * (1 - hyper["label_smoothing"]) + hyper["label_smoothing"] / classes
    return loss(outputs, targets)


def tally_of(plan: Plan, outputs: jax.Array, y: jax.Array, losses: jax.Array, weight: jax.Array) -> Tally:
    """Sum the loss and the metric over a batch, each row by its weight; of several targets (T,) sums of losses."""
    if plan.goals:
        weights = _weights_of(y, weight)
        sums: dict[str, Any] = {}
        for i, goal in enumerate(plan.goals):
            _, _, own, codes = _part(plan, {}, goal, i, outputs, y)
            sums[goal.name] = catalog.load("metrics", goal.metric).sums(own, codes, weights[:, i])
        losses = jnp.where(weights > 0, losses, jnp.float32(0))
        return Tally(jnp.sum(weights * losses, axis=0), jnp.sum(weights, axis=0), sums)
    metric = catalog.load("metrics", plan.metric)
    # 0 · ∞ is NaN: a padded row must not spoil the sum.
    losses = jnp.where(weight > 0, losses, jnp.float32(0))
    return Tally(jnp.sum(weight * losses), jnp.sum(weight), metric.sums(outputs, y, weight))


def empty_tally(plan: Plan) -> Tally:
    """Return a tally of nothing."""
    if plan.goals:
        none = jnp.zeros(len(plan.goals), jnp.float32)
        sums: Any = {goal.name: catalog.load("metrics", goal.metric).empty() for goal in plan.goals}
        return Tally(none, none, sums)
    metric = catalog.load("metrics", plan.metric)
    return Tally(jnp.float32(0), jnp.float32(0), metric.empty())


def means_of(plan: Plan, hyper: Hyper, tally: Tally) -> dict[str, jax.Array]:
    """Return the mean loss and the metric over the rows of a tally.

    Of several targets the loss is ``Σ λ_i J_i`` with the factors of the controls, whatever the weighting of the
    training: so it compares over epochs. A loss and a metric of each target follow, as ``loss.income``. A target
    that no row has adds nothing.
    """
    if not plan.goals:
        metric = catalog.load("metrics", plan.metric)
        return {"loss": tally.loss / tally.weight, plan.metric: metric.compute(tally.metric)}
    each = tally.loss / tally.weight
    found = jnp.where(tally.weight > 0, each, jnp.float32(0))
    means = {"loss": jnp.sum(factors_of(plan, hyper) * found)}
    for i, goal in enumerate(plan.goals):
        sums: Any = tally.metric[goal.name]
        means[f"loss.{goal.name}"] = each[i]
        means[f"{goal.metric}.{goal.name}"] = catalog.load("metrics", goal.metric).compute(sums)
    return means


def means_names(plan: Plan) -> tuple[str, ...]:
    """Return the names of :func:`means_of`, in its order."""
    if not plan.goals:
        return ("loss", plan.metric)
    own = [name for goal in plan.goals for name in (f"loss.{goal.name}", f"{goal.metric}.{goal.name}")]
    return ("loss", *own)


def losses_in(plan: Plan, hyper: Hyper, tally: Tally) -> dict[str, float]:
    """Return the losses of a tally as numbers, by name: one, or the whole one and that of each of several targets."""
    means = means_of(plan, hyper, tally)
    return {name: float(np.float32(mean)) for name, mean in means.items() if name.startswith("loss")}


def decisive(plan: Plan, means: dict[str, jax.Array]) -> jax.Array:
    """Return the dev loss that early stopping goes by: that of all targets, or of the one that decides."""
    return means["loss"] if plan.judge is None else means[f"loss.{plan.goals[plan.judge].name}"]


def factors_of(plan: Plan, hyper: Hyper) -> jax.Array:
    """Return the factors λ (T,) of the targets' losses that the controls ask for."""
    return jnp.stack([jnp.float32(hyper["targets"]["weights"][goal.name]) for goal in plan.goals])


def present_in(y: Targets, weight: jax.Array) -> jax.Array:
    """Return (T,) whether any row of the batch has each target."""
    return jnp.any(_weights_of(y, weight) > 0, axis=0)


def _weights_of(y: Targets, weight: jax.Array) -> jax.Array:
    """Return (m, T): the weight of each row for the targets that it has, 0 for those it lacks."""
    own = y.own if isinstance(y, Mixed) else y
    return jnp.where(jnp.isnan(own), jnp.float32(0), weight[:, None])


def _other(y: Mixed) -> jax.Array:
    """Return the targets of the rows mixed in; where those lack one, a row's own."""
    if y.other.ndim == 1:
        return y.other
    return jnp.where(jnp.isnan(y.other), y.own, y.other)


def _part(
    plan: Plan, hyper: Hyper, goal: Goal, place: int, outputs: jax.Array, y: jax.Array
) -> tuple[Plan, Hyper, jax.Array, jax.Array]:
    """Return (plan, hyper, outputs, targets) of one goal alone; a missing target becomes 0."""
    smoothing = plan.smoothing and goal.task != "regression"
    alone = replace(plan, task=goal.task, loss=goal.loss, metric=goal.metric, smoothing=smoothing, goals=())
    own = one_column(outputs[:, goal.start : goal.stop], goal.task)
    targets = jnp.nan_to_num(y[:, place])
    return alone, hyper, own, targets if goal.task == "regression" else targets.astype(jnp.int32)
