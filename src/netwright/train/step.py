"""One mini-batch: forward, loss, backward, update."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from flax import nnx

from netwright.nn.row_mask import row_mask
from netwright.nn.skeleton import Arrays, name_of
from netwright.optim.clipping import clip_by_norm, clip_by_value
from netwright.optim.kernels import map_kernels
from netwright.optim.penalties import shrink
from netwright.train.augment import Targets, augmented
from netwright.train.balance import pulled, rule_state, stepped
from netwright.train.objective import costs_of, outputs_of, present_in, tally_of
from netwright.train.plan import Hyper, Plan, groups_of, learning_rate_of, rule_of
from netwright.train.state import Tally
from netwright.watch.capture import Call, capture
from netwright.watch.probe import probe

Member = tuple[Arrays, Arrays, Any]
"""What a step changes in one model: parameters, other state, the optimizer's state."""


class Backward(NamedTuple):
    """One forward and backward pass: where it was taken, what came out, and the gradients.

    Of several targets ``mean`` is (T,), ``losses`` is (m, T), and ``weighting`` is their weighting's next state.
    """

    point: Arrays
    mean: jax.Array
    losses: jax.Array
    outputs: jax.Array
    rest: Arrays
    gradients: Arrays
    weighting: Any = None


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
      x: (B, …); y: (B,) or (B, T); weight: (B,), 0 for padded rows.
    """
    return _step(plan, hyper, step, member, x, y, weight)[0]


def probed_step(
    plan: Plan, hyper: Hyper, step: jax.Array, member: Member, x: jax.Array, y: jax.Array, weight: jax.Array
) -> tuple[Step, jax.Array]:
    """Take the same step and return the probe (layers, statistics) of it, too."""
    taken, gradients, clipped = _step(plan, hyper, step, member, x, y, weight)
    seen, _ = augmented(plan, hyper, step, x, y, weight)

    def forward(params: Arrays) -> list[Call]:
        model = training_model(plan, plan.trained.rest_of(member[0]) | params, member[1])
        with capture(model) as record, row_mask(weight > 0):
            outputs_of(plan, model, seen)
        return record.calls

    before, after = plan.trained.of(member[0]), plan.trained.of(taken.member[0])
    return taken, probe(before, gradients, after, clipped, forward, weight > 0)


def _step(
    plan: Plan, hyper: Hyper, step: jax.Array, member: Member, x: jax.Array, y: jax.Array, weight: jax.Array
) -> tuple[Step, Arrays, jax.Array]:
    rule = rule_of(plan, hyper)
    seen = augmented(plan, hyper, step, x, y, weight)
    back = backward(plan, hyper, rule, member, *seen, weight)
    params, optimizer, gradients, clipped = update(plan, hyper, rule, step, member, back)
    tally = tally_of(plan, back.outputs, y, back.losses, weight)
    return Step((params, back.rest, optimizer), tally, jnp.all(jnp.isfinite(back.mean))), gradients, clipped


def backward(
    plan: Plan, hyper: Hyper, rule: Any, member: Member, x: jax.Array, y: Targets, weight: jax.Array
) -> Backward:
    """Return the weighted mean loss of the batch and its gradients, at the point where the rule wants them.

    Both hold only the parameters that learn: the way back ends at the first of them.
    """
    params, rest, optimizer = member
    learning, staying = plan.trained.of(params), plan.trained.rest_of(params)

    def costs(learning: Arrays) -> tuple[jax.Array, tuple[jax.Array, jax.Array, Arrays]]:
        model = training_model(plan, staying | learning, rest)
        with row_mask(weight > 0):
            outputs = outputs_of(plan, model, x)
        mean, losses = costs_of(plan, hyper, outputs, y, weight)
        return mean, (losses, outputs, plan.skeleton.rest_of(model))

    gradient_point = getattr(rule, "gradient_point", None)
    point = learning if gradient_point is None else gradient_point(learning, rule_state(plan, optimizer))
    if plan.goals:
        found = pulled(plan, hyper, costs, point, optimizer, present_in(y, weight))
        losses, outputs, rest = found.aux
        return Backward(point, found.costs, losses, outputs, rest, found.gradients, found.weighting)
    (mean, (losses, outputs, rest)), gradients = jax.value_and_grad(costs, has_aux=True)(point)
    return Backward(point, mean, losses, outputs, rest, gradients)


def training_model(plan: Plan, params: Arrays, rest: Arrays) -> Any:
    """Put the model together in training mode; what it writes into its state stays in it."""
    model = plan.skeleton.merge(params, rest)
    model.train()
    for path, module in nnx.iter_modules(model) if plan.trained.settled else ():
        if name_of(path) in plan.trained.settled:
            module.use_running_average = True  # pyright: ignore[reportAttributeAccessIssue]
    return model


def update(
    plan: Plan, hyper: Hyper, rule: Any, step: jax.Array, member: Member, back: Backward
) -> tuple[Arrays, Any, Arrays, jax.Array]:
    """Apply L2, clipping, the rule, weight decay and the proximal L1 step, in this order, to what learns.

    Returns:
      the new parameters, the optimizer's new state, the gradients as the rule saw them, and whether they were
      clipped by their norm.
    """
    before, _, optimizer = member
    params = plan.trained.of(before)
    rates = rates_at(plan, hyper, step, params)
    clipped = jnp.bool_(False)
    gradients = back.gradients
    if plan.l2:
        gradients = map_kernels(lambda g, w: g + hyper["l2"] * w, gradients, back.point)
    for group in groups_of(plan, hyper):
        waits = step < group.start
        gradients |= {name: jnp.where(waits, jnp.zeros_like(g), g) for name, g in group.of(gradients).items()}
    if plan.clip_value:
        gradients = clip_by_value(gradients, hyper["clip_value"])
    if plan.clip_norm:
        gradients, norm = clip_by_norm(gradients, hyper["clip_norm"])
        clipped = norm > hyper["clip_norm"]
    updates, state = rule.update(gradients, rule_state(plan, optimizer), params)
    if plan.decay:
        updates = map_kernels(lambda u, w, r: u - r * hyper["weight_decay"] * w, updates, params, rates)
    params: Any = optax.apply_updates(params, updates)
    if plan.l1:
        params = shrink(params, {name: rate * hyper["l1"] for name, rate in rates.items()})
    after = {name: params.get(name, array) for name, array in before.items()}
    return after, stepped(plan, optimizer, state, back.weighting), gradients, clipped


def rates_at(plan: Plan, hyper: Hyper, step: jax.Array, learning: Arrays) -> Arrays:
    """Return the learning rate of each parameter at a step; 0 before it learns."""
    rate = learning_rate_of(plan, hyper)(step)
    rates = dict.fromkeys(learning, rate)
    for group in groups_of(plan, hyper):
        own = jnp.where(step < group.start, jnp.zeros_like(rate), group.factor * rate)
        rates |= dict.fromkeys(group.names, own)
    return rates
