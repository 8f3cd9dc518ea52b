"""One mini-batch: forward, loss, backward, update."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from netwright.core import catalog
from netwright.nn.row_mask import row_mask
from netwright.nn.skeleton import Arrays
from netwright.optim.clipping import clip_by_norm, clip_by_value
from netwright.optim.kernels import map_kernels
from netwright.optim.penalties import shrink
from netwright.train.augment import Mixed, Targets, augmented
from netwright.train.plan import Hyper, Plan, learning_rate_of
from netwright.train.state import Tally
from netwright.watch.capture import Call, capture
from netwright.watch.probe import probe

Member = tuple[Arrays, Arrays, Any]
"""What a step changes in one model: parameters, other state, the optimizer's state."""


class Backward(NamedTuple):
    """One forward and backward pass: where it was taken, what came out, and the gradients."""

    point: Arrays
    mean: jax.Array
    losses: jax.Array
    outputs: jax.Array
    rest: Arrays
    gradients: Arrays


class Step(NamedTuple):
    """What one step leaves: the new member, the batch's tally, and whether the loss is finite."""

    member: Member
    tally: Tally
    finite: jax.Array


def train_step(
    plan: Plan, hyper: Hyper, step: jax.Array, member: Member, x: jax.Array, y: jax.Array, weight: jax.Array
) -> Step:
    """Take one step on one mini-batch.

    Args:
      x: (B, …); y: (B,) or (B, k); weight: (B,), 0 for padded rows.
    """
    return _step(plan, hyper, step, member, x, y, weight)[0]


def probed_step(
    plan: Plan, hyper: Hyper, step: jax.Array, member: Member, x: jax.Array, y: jax.Array, weight: jax.Array
) -> tuple[Step, jax.Array]:
    """Take the same step and return the probe (layers, statistics) of it, too."""
    taken, gradients, clipped = _step(plan, hyper, step, member, x, y, weight)
    seen, _ = augmented(plan, hyper, step, x, y, weight)

    def forward(params: Arrays) -> list[Call]:
        model = training_model(plan, params, member[1])
        with capture(model) as record, row_mask(weight > 0):
            outputs_of(plan, model, seen)
        return record.calls

    return taken, probe(member[0], gradients, taken.member[0], clipped, forward, weight > 0)


def _step(
    plan: Plan, hyper: Hyper, step: jax.Array, member: Member, x: jax.Array, y: jax.Array, weight: jax.Array
) -> tuple[Step, Arrays, jax.Array]:
    schedule = learning_rate_of(plan, hyper)
    rule = plan.rule.build(schedule, hyper["rule"])
    seen = augmented(plan, hyper, step, x, y, weight)
    back = backward(plan, hyper, rule, member, *seen, weight)
    params, optimizer, gradients, clipped = update(plan, hyper, rule, schedule(step), member, back)
    tally = tally_of(plan, back.outputs, y, back.losses, weight)
    return Step((params, back.rest, optimizer), tally, jnp.isfinite(back.mean)), gradients, clipped


def backward(
    plan: Plan, hyper: Hyper, rule: Any, member: Member, x: jax.Array, y: Targets, weight: jax.Array
) -> Backward:
    """Return the weighted mean loss of the batch and its gradients, at the point where the rule wants them."""
    params, rest, optimizer = member

    def cost(params: Arrays) -> tuple[jax.Array, tuple[jax.Array, jax.Array, Arrays]]:
        model = training_model(plan, params, rest)
        with row_mask(weight > 0):
            outputs = outputs_of(plan, model, x)
        mean, losses = mean_of(plan, hyper, outputs, y, weight)
        return mean, (losses, outputs, plan.skeleton.rest_of(model))

    gradient_point = getattr(rule, "gradient_point", None)
    point = params if gradient_point is None else gradient_point(params, optimizer)
    (mean, (losses, outputs, rest)), gradients = jax.value_and_grad(cost, has_aux=True)(point)
    return Backward(point, mean, losses, outputs, rest, gradients)


def training_model(plan: Plan, params: Arrays, rest: Arrays) -> Any:
    """Put the model together in training mode; what it writes into its state stays in it."""
    model = plan.skeleton.merge(params, rest)
    model.train()
    return model


def mean_of(
    plan: Plan, hyper: Hyper, outputs: jax.Array, y: Targets, weight: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return the weighted mean loss of a batch and its losses (m,)."""
    losses = losses_of(plan, hyper, outputs, y)
    return jnp.sum(weight * losses) / jnp.maximum(jnp.sum(weight), jnp.float32(1e-12)), losses


def update(
    plan: Plan, hyper: Hyper, rule: Any, rate: jax.Array, member: Member, back: Backward
) -> tuple[Arrays, Any, Arrays, jax.Array]:
    """Apply L2, clipping, the rule, weight decay and the proximal L1 step, in this order.

    Returns:
      the new parameters, the optimizer's new state, the gradients as the rule saw them, and whether they were
      clipped by their norm.
    """
    params, _, optimizer = member
    clipped = jnp.bool_(False)
    gradients = back.gradients
    if plan.l2:
        gradients = map_kernels(lambda g, w: g + hyper["l2"] * w, gradients, back.point)
    if plan.clip_value:
        gradients = clip_by_value(gradients, hyper["clip_value"])
    if plan.clip_norm:
        gradients, norm = clip_by_norm(gradients, hyper["clip_norm"])
        clipped = norm > hyper["clip_norm"]
    updates, optimizer = rule.update(gradients, optimizer, params)
    if plan.decay:
        updates = map_kernels(lambda u, w: u - rate * hyper["weight_decay"] * w, updates, params)
    params: Any = optax.apply_updates(params, updates)
    if plan.l1:
        params = shrink(params, rate * hyper["l1"])
    return params, optimizer, gradients, clipped


def outputs_of(plan: Plan, model: Any, x: jax.Array) -> jax.Array:
    """Run the model; a single output column (m, 1) becomes (m,), as losses of one number per row expect."""
    return one_column(model(x).astype(jnp.float32), plan.task)


def one_column(outputs: jax.Array, task: str) -> jax.Array:
    """Return outputs (m, 1) as (m,), unless they are the scores of classes."""
    single = task != "multiclass" and outputs.ndim == 2 and outputs.shape[1] == 1
    return outputs[:, 0] if single else outputs


def losses_of(plan: Plan, hyper: Hyper, outputs: jax.Array, y: Targets) -> jax.Array:
    """Return the per-example losses (m,), with smoothed or mixed labels if the plan has them."""
    if isinstance(y, Mixed):
        own, other = (losses_of(plan, hyper, outputs, one) for one in (y.own, y.other))
        return y.share * own + (1 - y.share) * other
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
    """Sum the loss and the metric over a batch, each row by its weight."""
    metric = catalog.load("metrics", plan.metric)
    # 0 · ∞ is NaN: a padded row must not spoil the sum.
    losses = jnp.where(weight > 0, losses, jnp.float32(0))
    return Tally(jnp.sum(weight * losses), jnp.sum(weight), metric.sums(outputs, y, weight))
