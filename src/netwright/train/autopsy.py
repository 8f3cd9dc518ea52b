"""One step taken apart, operation by operation in the order of computation, to the first that is not finite."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.data.places import row_name
from netwright.nn.row_mask import row_mask
from netwright.nn.skeleton import Arrays
from netwright.train.augment import Targets, augmented
from netwright.train.balance import rule_state
from netwright.train.objective import mean_of, outputs_of
from netwright.train.plan import Hyper, Plan, learning_rate_of, rule_of
from netwright.train.state import State
from netwright.train.step import backward, training_model, update
from netwright.watch.capture import Call, capture, owners_of
from netwright.watch.dissect import Dissection, Passage, dissect
from netwright.watch.probe import layer_of, layers_of

Operation = tuple[str, Any, Callable[[], str]]
"""What is computed, its values, and the cause in words should they be bad."""
LARGE_UPDATE = 1.0
"""‖ΔW‖ / ‖W‖ of one step from which on the rate is called too large; a healthy step moves weights by 1e-3."""


@dataclass(frozen=True)
class Batch:
    """The batch of a step.

    Attributes:
      x, y, weight: as the step took them; weight 0 is padding.
      rows: the data's row number of each; columns: names of the columns of x, if it has names.
    """

    x: jax.Array
    y: jax.Array
    weight: jax.Array
    rows: np.ndarray
    columns: list[str]

    def bad(self, values: Any) -> np.ndarray:
        """Return the place of the first value that is not finite, empty if there is none; padding does not count."""
        bad = ~np.isfinite(np.asarray(values, np.float32))
        if bad.ndim and len(bad) == len(self.weight):
            bad[np.asarray(self.weight) <= 0] = False
        return np.argwhere(bad)[:1].reshape(-1)


def first_bad(
    plan: Plan, hyper: Hyper, state: State, before: Arrays | None, batch: Batch
) -> tuple[str, str] | None:
    """Return (operation, cause) of the first operation of a step whose values are not finite, or None.

    Args:
      state: before the step; before: the parameters one step earlier, if they are known.
    """
    for name, values, cause in _operations(plan, hyper, state, before, batch):
        if len(batch.bad(values)):
            return name, cause()
    return None


def _operations(
    plan: Plan, hyper: Hyper, state: State, before: Arrays | None, batch: Batch
) -> Iterator[Operation]:
    rule = rule_of(plan, hyper)
    gradient_point = getattr(rule, "gradient_point", None)
    point = state.params
    if gradient_point is not None:
        point = point | gradient_point(plan.trained.of(point), rule_state(plan, state.optimizer))
    yield "the input", batch.x, lambda: _cell(batch)
    seen = augmented(plan, hyper, state.step, batch.x, batch.y, batch.weight)
    found = _dissected(plan, hyper, point, state.rest, *seen, batch.weight)
    modules = [(call, at) for call, at in zip(found.calls, found.slopes, strict=True) if not call.activation]
    owners = owners_of(point, [call for call, _ in modules])
    yield from _forwards([call for call, _ in modules], point, owners, _growth(before, state.params))
    yield "the loss", found.aux, lambda: _loss(batch, found)
    for call, (_, dz, da) in reversed(modules):
        if call.a is not call.output:
            yield f"the gradient dA of {call.path or 'the output'}", da, lambda: _slope(batch, found)
        name = f"the gradient dZ of {call.path}" if call.path else "the gradient of the output"
        yield name, dz, lambda: _slope(batch, found)
        for name in (name for name, owner in owners.items() if owner is call):
            size = _largest(dz)
            words = f"overflow: slopes up to {size:.2g} meet inputs up to {_largest(call.inputs):.2g}"
            yield f"the gradient of {layer_of(name)}", found.gradients[name], lambda words=words: words
    yield from _updates(plan, hyper, rule, state, *seen, batch.weight)


def _dissected(
    plan: Plan, hyper: Hyper, point: Arrays, rest: Arrays, x: jax.Array, y: Targets, weight: jax.Array
) -> Dissection:
    def run(params: Arrays) -> tuple[list[Call], jax.Array]:
        model = training_model(plan, params, rest)
        with capture(model) as record, row_mask(weight > 0):
            outputs = outputs_of(plan, model, x)
        return record.calls, outputs

    return dissect(run, lambda outputs: mean_of(plan, hyper, outputs, y, weight), point)


def _forwards(
    calls: list[Passage], params: Arrays, owners: dict[str, Passage], growth: str
) -> Iterator[Operation]:
    last = 0.0
    for call in calls:
        mine = [params[name] for name, owner in owners.items() if owner is call]
        inputs, weights = _largest(call.inputs), max(map(_largest, mine), default=0.0)
        words = f"overflow: its inputs reach {inputs:.2g}" + (f", its weights {weights:.2g}" if mine else "")
        if not call.path and not mine:
            words = f"overflow behind the last layer, whose output reaches {last:.2g}"
        yield f"z of {call.path}" if call.path else "the output", call.output, lambda w=words: w + growth
        last = _largest(call.output)
        if call.a is not call.output:
            words = f"overflow in the activation: z reaches {last:.2g}"
            yield f"a of {call.path or 'the output'}", call.a, lambda w=words: w + growth


def _updates(
    plan: Plan, hyper: Hyper, rule: Any, state: State, x: jax.Array, y: Targets, weight: jax.Array
) -> Iterator[Operation]:
    member = (state.params, state.rest, state.optimizer)
    rate = learning_rate_of(plan, hyper)(state.step)
    back = backward(plan, hyper, rule, member, x, y, weight)
    params, _, gradients, _ = update(plan, hyper, rule, state.step, member, back)
    for layer in layers_of(gradients):
        names = [name for name in gradients if layer_of(name) == layer]
        size = max(_largest(gradients[name]) for name in names)
        words = f"overflow: gradients up to {size:.2g} at a learning rate of {float(rate):.2g}"
        values = jnp.concatenate([params[name].reshape(-1) for name in names])
        yield f"the updated weights of {layer}", values, lambda words=words: words


# ------------------------------------------------------------------------------------------------- in words


def _cell(batch: Batch) -> str:
    row, *place = batch.bad(batch.x)
    named = len(place) == 1 and len(batch.columns) == batch.x.shape[1]
    where = f"column '{batch.columns[place[0]]}'" if named else f"entry {[int(i) for i in place]}"
    return f"{row_name(int(batch.rows[row]))}, {where} is {float(batch.x[(row, *place)])}"


def _loss(batch: Batch, found: Dissection) -> str:
    (row,) = batch.bad(found.aux)
    given = f"output {_words(found.outputs[row])} and target {_words(batch.y[row])}"
    return f"{row_name(int(batch.rows[row]))} has the loss {float(found.aux[row])} at {given}"


def _slope(batch: Batch, found: Dissection) -> str:
    sizes = np.abs(np.asarray(found.outputs, np.float32)).reshape(len(batch.weight), -1).max(axis=1)
    row = int(np.where(np.asarray(batch.weight) > 0, sizes, -1).argmax())
    return (
        f"the values are finite, the slope there is not; the largest output is {_words(found.outputs[row])} in "
        f"{row_name(int(batch.rows[row]))}"
    )


def _growth(before: Arrays | None, params: Arrays) -> str:
    """Say so when the step before moved a layer by more than its size."""
    if before is None:
        return ""
    ratios = {
        layer: _norm(params, layer, before) / max(_norm(before, layer), 1e-30) for layer in layers_of(params)
    }
    layer = max(ratios, key=lambda name: ratios[name])
    if ratios[layer] < LARGE_UPDATE:
        return ""
    return (
        f"; learning rate too large: the step before moved the weights of {layer} by {ratios[layer]:.2g} times "
        "their size"
    )


def _norm(params: Arrays, layer: str, minus: Arrays | None = None) -> float:
    parts = [
        np.asarray(a, np.float64) - (0 if minus is None else np.asarray(minus[name], np.float64))
        for name, a in params.items()
        if layer_of(name) == layer
    ]
    return float(np.sqrt(sum(float(np.sum(np.square(part))) for part in parts)))


def _largest(values: Any) -> float:
    return float(np.max(np.abs(np.asarray(values, np.float64)), initial=0.0))


def _words(values: Any) -> str:
    return np.array2string(np.asarray(values), precision=3, threshold=6, max_line_width=1000)
