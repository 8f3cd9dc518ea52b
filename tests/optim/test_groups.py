import jax.numpy as jnp
import numpy as np
import optax
import pytest

from netwright.optim import adamw, nesterov, sgd
from netwright.optim.groups import ParameterGroup, grouped
from netwright.optim.schedules import step_decay

PARAMS = {"a": jnp.array([1.0, -2.0]), "b": jnp.array([3.0]), "c": jnp.array([0.5])}


def descend(rule, steps, params=PARAMS):
    """The points that a rule visits on ½Σ(w − 1)²."""
    state, points = rule.init(params), []
    for _ in range(steps):
        point = rule.gradient_point(params, state) if hasattr(rule, "gradient_point") else params
        updates, state = rule.update({name: w - 1 for name, w in point.items()}, state, params)
        params = optax.apply_updates(params, updates)
        points.append(params)
    return points


RULES = {"sgd": sgd, "adamw": lambda rate: adamw(rate, weight_decay=0.3), "nesterov": nesterov}


@pytest.mark.parametrize("name", RULES)
def test_each_group_moves_as_under_a_rule_of_its_own(name):
    """A factor is a factor on the rate; a group that starts late begins anew, at the schedule's present step."""
    schedule = step_decay(0.3, 0.5, 2)
    groups = [ParameterGroup(("c", "a"), 0.1), ParameterGroup(("b",), 2.0, 3)]
    points = descend(grouped(RULES[name], schedule, groups), 6)
    alone = descend(RULES[name](lambda step: 0.1 * schedule(step)), 6, {k: PARAMS[k] for k in "ac"})
    late = descend(RULES[name](lambda step: 2.0 * schedule(step + 3)), 3, {"b": PARAMS["b"]})
    for step in range(6):
        assert list(points[step]) == ["a", "b", "c"]
        for key in "ac":
            np.testing.assert_allclose(points[step][key], alone[step][key], rtol=1e-6)
        expected = PARAMS["b"] if step < 3 else late[step - 3]["b"]
        np.testing.assert_allclose(points[step]["b"], expected, rtol=1e-6)


def test_a_group_that_waits_keeps_its_state():
    rule = grouped(adamw, lambda step: 0.1, [ParameterGroup(("a", "b", "c"), 1.0, 2)])
    state = rule.init(PARAMS)
    _, after = rule.update(PARAMS, state, PARAMS)
    assert int(after.steps) == 1
    assert int(after.states[0].steps) == 0
    assert not any(np.any(m) for m in after.states[0].memory[0].values())
