"""Groups of parameters that one rule moves, each at a rate of its own and from a step of its own on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from netwright.optim._numbers import Number
from netwright.optim.rules._lookahead import LookAhead

Arrays = dict[str, jax.Array]
Schedule = Callable[[Any], Any]


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters by name, the factor on their learning rate, and the step with which they begin to learn."""

    names: tuple[str, ...]
    factor: Number = 1.0
    start: int | jax.Array = 0

    def of(self, tree: Arrays) -> Arrays:
        """Return the group's part of a flat tree."""
        return {name: tree[name] for name in self.names}


class GroupedState(NamedTuple):
    """Steps taken so far, and the state of each group's rule."""

    steps: jax.Array
    states: tuple[Any, ...]


def grouped(
    build: Callable[[Schedule], optax.GradientTransformation],
    schedule: Schedule,
    groups: Sequence[ParameterGroup],
) -> optax.GradientTransformation:
    """Return a rule that moves each group as ``build`` does, at ``factor · schedule(step)`` from its start on.

    A group has a rule of its own, whose state begins at the group's start: Adam's moments and their bias correction
    are those of a training that began there. Until then its parameters and its state stay.

    Args:
      build: makes the rule for a schedule, a function step → rate.
      schedule: of the whole training; every group is at the same step of it.
      groups: their names together are those of the parameters, a flat dictionary.

    Reference: Howard and Ruder (2018), "Universal language model fine-tuning for text classification", 3.2 and 3.3.
    """
    rules = [build(lambda step, group=group: group.factor * schedule(step + group.start)) for group in groups]

    def init(params: Any) -> GroupedState:
        states = tuple(rule.init(group.of(params)) for rule, group in zip(rules, groups, strict=True))
        return GroupedState(jnp.zeros((), jnp.int32), states)

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, GroupedState]:
        moves: Arrays = {}
        states: list[Any] = []
        for rule, group, old in zip(rules, groups, state.states, strict=True):
            mine = None if params is None else group.of(params)
            move, new = rule.update(group.of(updates), old, mine)
            learns = state.steps >= group.start
            moves |= jax.tree.map(lambda m, learns=learns: jnp.where(learns, m, jnp.zeros_like(m)), move)
            states.append(jax.tree.map(lambda n, o, learns=learns: jnp.where(learns, n, o), new, old))
        return {name: moves[name] for name in updates}, GroupedState(state.steps + 1, tuple(states))

    def gradient_point(params: Any, state: GroupedState) -> Arrays:
        point: Arrays = {}
        for rule, group, own in zip(rules, groups, state.states, strict=True):
            point |= rule.gradient_point(group.of(params), own)  # pyright: ignore[reportAttributeAccessIssue]
        return {name: point[name] for name in params}

    rule = optax.GradientTransformation(init, update)
    looks_ahead = all(hasattr(rule, "gradient_point") for rule in rules)
    return LookAhead(rule, gradient_point) if looks_ahead else rule
