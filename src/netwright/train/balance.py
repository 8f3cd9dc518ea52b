"""Several targets, one gradient: their losses and gradients put together as the weighting says."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from netwright.core import catalog
from netwright.core.keys import key
from netwright.models._output import head_of
from netwright.nn.skeleton import Arrays
from netwright.optim.weightings._weighting import Seen, State, Weighting
from netwright.train.objective import factors_of
from netwright.train.plan import Hyper, Plan, learning_rate_of


class Balanced(NamedTuple):
    """The optimizer's state in a training on several targets.

    Attributes:
      rule: the rule's own; weighting: what the weighting remembers; step: steps taken.
    """

    rule: Any
    weighting: State
    step: jax.Array


class Pulled(NamedTuple):
    """Costs (T,) of a batch, what else its forward pass gave, the one gradient, and the weighting's next state."""

    costs: jax.Array
    aux: Any
    gradients: Arrays
    weighting: State


def weighting_of(plan: Plan) -> Weighting:
    """Return the plan's weighting."""
    return catalog.load("optim.weightings", plan.weighting)


def started(plan: Plan, hyper: Hyper, rule: Any) -> Any:
    """Return the optimizer's state before the first step: the rule's, with the weighting's for several targets."""
    if not plan.goals:
        return rule
    return Balanced(rule, weighting_of(plan).start(factors_of(plan, hyper), _halves(plan)), jnp.int32(0))


def rule_state(plan: Plan, optimizer: Any) -> Any:
    """Return the rule's own state."""
    return optimizer.rule if plan.goals else optimizer


def stepped(plan: Plan, optimizer: Any, rule: Any, weighting: State | None) -> Any:
    """Return the optimizer's state after a step, of the states that the rule and the weighting are left in."""
    return Balanced(rule, weighting or {}, optimizer.step + 1) if plan.goals else rule


def weights_now(plan: Plan, optimizer: Any) -> dict[str, jax.Array]:
    """Return the present factor of each target's loss, as ``weight.income``, where the weighting learns them."""
    if not plan.goals or not weighting_of(plan).learns:
        return {}
    weights = optimizer.weighting["weights"]
    return {f"weight.{goal.name}": weights[i] for i, goal in enumerate(plan.goals)}


def pulled(
    plan: Plan,
    hyper: Hyper,
    costs: Callable[[Arrays], tuple[jax.Array, Any]],
    point: Arrays,
    optimizer: Balanced,
    present: jax.Array,
) -> Pulled:
    """Return the costs of a batch and the gradient that the weighting makes of theirs.

    Args:
      costs: parameters → the mean loss (T,) of each target, and whatever else.
      point: where the gradients are taken.
      present: (T,) whether any row of the batch has the target.
    """
    weighting = weighting_of(plan)
    values, pull, aux = jax.vjp(costs, point, has_aux=True)
    each = apart(pull, values) if weighting.needs_gram else None
    seen = Seen(
        losses=values,
        present=present,
        gram=None if each is None else gram({name: g for name, g in each.items() if head_of(name) is None}),
        factors=factors_of(plan, hyper),
        halves=_halves(plan),
        rate=learning_rate_of(plan, hyper)(optimizer.step),
        alpha=jnp.float32(hyper["targets"]["alpha"]),
        key=jax.random.fold_in(key(hyper["seed"], "targets"), optimizer.step),
    )
    taken = weighting.step(optimizer.weighting, seen)
    if each is None:
        (gradients,) = pull(taken.own)
    else:
        gradients = {
            name: jnp.tensordot(taken.shared if head_of(name) is None else taken.own, g, axes=1)
            for name, g in each.items()
        }
    return Pulled(values, aux, gradients, taken.state)


def apart(pull: Callable[[jax.Array], tuple[Arrays]], costs: jax.Array) -> Arrays:
    """Return each target's gradients by the parameters' names, stacked (T, …): a backward pass for each."""
    each = [pull(unit)[0] for unit in jnp.eye(len(costs), dtype=costs.dtype)]
    return {name: jnp.stack([gradients[name] for gradients in each]) for name in each[0]}


def gram(stacked: Arrays) -> jax.Array:
    """Return the products (T, T) of the targets' gradients over all these parameters."""
    rows = [g.reshape(len(g), -1) for g in stacked.values()]
    if not rows:
        raise ValueError("no parameters to take the products over")
    return sum((row @ row.T for row in rows[1:]), rows[0] @ rows[0].T)


def _halves(plan: Plan) -> jax.Array:
    """Return (T,) ½ for squared errors and 1 for cross-entropies: their size in a log-likelihood."""
    return jnp.asarray([0.5 if goal.task == "regression" else 1.0 for goal in plan.goals], jnp.float32)
