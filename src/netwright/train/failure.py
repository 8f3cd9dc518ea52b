"""When the loss ceases to be finite: replay from the last snapshot and name the first bad operation.

The compiled loop only notices that the loss went bad. The replay takes the same steps one at a time up to the
first with anything that is not finite; that step is taken apart. So training pays nothing for the precision.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.core import tensors
from netwright.nn.skeleton import Arrays
from netwright.train.augment import augmented
from netwright.train.autopsy import Batch, first_bad
from netwright.train.chunk import gather
from netwright.train.feed import Feed
from netwright.train.plan import Hyper, Plan, rule_of
from netwright.train.program import Program
from netwright.train.snapshot import Snapshot, to_device
from netwright.train.state import Carry, Data, State
from netwright.train.step import backward, update
from netwright.watch.probe import layer_of, layers_of

LOOKED_AT = 1000
"""Steps before the failure that are looked at one by one; the way there is replayed as it was trained."""


@dataclass(frozen=True)
class Failure:
    """Where a training broke.

    Attributes:
      step, epoch: counted from 0.
      operation: the first whose result was not finite, such as "z of hidden.0.linear".
      cause: why, in words.
      batch: the arrays of that batch without padding: x, y, weight and rows, their numbers in the data.
      params, rest: the last good weights.
    """

    step: int
    epoch: int
    operation: str
    cause: str
    batch: dict[str, np.ndarray]
    params: Arrays
    rest: Arrays

    def to_json(self) -> dict[str, Any]:
        """Return what run.json says of it."""
        rows = self.batch["rows"].tolist()
        return {name: getattr(self, name) for name in ("step", "epoch", "operation", "cause")} | {
            "rows": rows
        }

    def save(self, folder: Path) -> Path:
        """Write the batch to ``folder`` and return its file."""
        path = folder / "failure" / "batch.safetensors"
        tensors.save(path, self.batch, {name: str(value) for name, value in self.to_json().items()})
        return path


def explain(
    program: Program,
    hyper: Hyper,
    feed: Feed,
    kept: Snapshot,
    failed: Carry,
    rows: np.ndarray,
    columns: list[str],
) -> Failure | None:
    """Replay from a snapshot to the first step with a quantity that is not finite; None if all stays finite.

    Args:
      rows: the data's number of each training row; columns: names of the encoded columns.
    """
    plan, carry = program.plan, to_device(kept.carry, failed)
    look = jax.jit(partial(_look, plan))
    # The loop stopped right behind the first loss that was not finite; what led there is not far before.
    last = int(failed.state.step) - 1
    epoch, first = kept.epoch, kept.step
    before: Arrays | None = None
    while int(carry.state.step) <= last:
        for chunk in feed.epoch(epoch, first):
            skipped = int(np.clip(last - LOOKED_AT - int(carry.state.step), 0, chunk.steps))
            begin, end = np.int32(chunk.first), chunk.first + chunk.steps
            carry = program.chunk(
                hyper, carry, chunk.data, chunk.order, begin, np.int32(skipped), np.bool_(True)
            )
            for i in range(chunk.first + skipped, end):
                places = chunk.order[i * plan.batch_size : (i + 1) * plan.batch_size]
                state = carry.state
                after, finite = look(hyper, state, chunk.data, places)
                if not np.all(finite):
                    own = feed.visits.places(epoch, int(state.step) % feed.steps_per_epoch)
                    batch = Batch(*gather(chunk.data, places), rows[own], columns)
                    fallback = _quantities(layers_of(plan.trained.of(state.params)))[
                        int(np.argmin(np.asarray(finite)))
                    ]
                    return _failure(plan, hyper, state, before, batch, epoch, fallback)
                before = state.params
                carry = carry._replace(state=after)
        epoch, first = epoch + 1, 0
    return None


def _failure(
    plan: Plan, hyper: Hyper, state: State, before: Arrays | None, batch: Batch, epoch: int, fallback: str
) -> Failure:
    # Taken apart, a step may round otherwise than as a whole: then the quantity seen there stands without a cause.
    operation, cause = first_bad(plan, hyper, state, before, batch) or (
        fallback,
        "overflow at the very limit",
    )
    real = np.asarray(batch.weight) > 0
    arrays = {name: np.asarray(getattr(batch, name))[real] for name in ("x", "y", "weight", "rows")}
    return Failure(int(state.step), epoch, operation, cause, arrays, state.params, state.rest)


def _quantities(layers: list[str]) -> list[str]:
    gradients = [f"the gradient of {layer}" for layer in reversed(layers)]
    return ["the output", "the loss", *gradients, *(f"the updated weights of {layer}" for layer in layers)]


def _look(plan: Plan, hyper: Hyper, state: State, data: Data, rows: jax.Array) -> tuple[State, jax.Array]:
    rule = rule_of(plan, hyper)
    member = (state.params, state.rest, state.optimizer)
    x, y, weight = gather(data, rows)
    seen = augmented(plan, hyper, state.step, x, y, weight)
    back = backward(plan, hyper, rule, member, *seen, weight)
    params, optimizer, *_ = update(plan, hyper, rule, state.step, member, back)
    learning = plan.trained.of(params)
    layers = layers_of(learning)
    real = weight > 0
    outputs = back.outputs.reshape(len(real), -1)
    finite = [
        jnp.all(jnp.isfinite(outputs) | ~real[:, None]),
        jnp.all(jnp.isfinite(back.losses.reshape(len(real), -1)) | ~real[:, None]),
        *(_finite_layer(back.gradients, layer) for layer in reversed(layers)),
        *(_finite_layer(learning, layer) for layer in layers),
    ]
    return State(state.step + 1, params, back.rest, optimizer), jnp.stack(finite)


def _finite_layer(arrays: Arrays, layer: str) -> jax.Array:
    return jnp.stack(
        [jnp.all(jnp.isfinite(a)) for name, a in arrays.items() if layer_of(name) == layer]
    ).all()
