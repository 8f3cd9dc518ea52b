"""A run's network taken apart: what the measurements on its weights need."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.data.arrays import Arrays as Rows
from netwright.data.prepared import Prepared
from netwright.models import ModelSpec
from netwright.nn.skeleton import Arrays
from netwright.train.objective import losses_of
from netwright.train.plan import Hyper, Plan
from netwright.train.pretrained import brought
from netwright.train.run import Run
from netwright.train.setup import first_snapshot

MOST_ROWS = 256
"""Rows that activations and gradients are looked at on."""


@dataclass(frozen=True)
class Network:
    """Weights with the plan that trained them; dropout is off.

    Attributes:
      plan, hyper: as trained; params, rest: the weights.
      activation: name of the hidden layers' activation, or None for a user's own module.
    """

    plan: Plan
    hyper: Hyper
    params: Arrays
    rest: Arrays
    activation: str | None

    @property
    def normalizes(self) -> bool:
        """Whether a batch normalization makes training and evaluation differ."""
        model = self.plan.skeleton.merge(self.params, self.rest)
        return any(isinstance(node, nnx.BatchNorm) for _, node in nnx.iter_graph(model))


def trained(run: Run) -> Network:
    """Return the network at its trained weights."""
    program, hyper = run.program
    predictor = run.predictor
    return _network(run, program.plan, hyper, predictor.params, predictor.rest)


def untrained(run: Run) -> Network | None:
    """Return the network at its initial weights; None for a user's own module, whose start is not kept."""
    if run.record["model"] is None:
        return None
    program, hyper = run.program
    spec = ModelSpec.from_json(run.record["model"])
    weights = brought(run.controls.architecture)
    state = first_snapshot(program.plan, hyper, spec, run.seed, weights).carry.state
    return _network(run, program.plan, hyper, state.params, state.rest)


def _network(run: Run, plan: Plan, hyper: Hyper, params: Arrays, rest: Arrays) -> Network:
    off = {name: jnp.zeros_like(rest[name]) for name in plan.skeleton.dropout_rates}
    named = run.record["model"] is not None and run.controls.architecture.kind != "logistic"
    # Rows are judged without smoothing: the loss of a label, not of a softened one.
    hyper = {**hyper, "label_smoothing": np.float32(0)}
    return Network(
        plan, hyper, params, {**rest, **off}, run.controls.architecture.activation if named else None
    )


def some(rows: Rows, count: int = MOST_ROWS) -> Rows:
    """Return ``count`` rows evenly spread over all, or all when there are no more."""
    if len(rows) <= count:
        return rows
    chosen = np.linspace(0, len(rows) - 1, count).astype(np.int64)
    return Rows(rows.x[chosen], rows.y[chosen], rows.weight[chosen])


def losses(plan: Plan, hyper: Hyper, outputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the losses of rows (m,), or of every member's rows (members, m), from raw outputs; no penalties."""
    numbers = {**hyper, "label_smoothing": np.float32(0)}
    members = outputs.ndim > (2 if plan.task == "multiclass" else 1)
    return np.asarray(_losses(plan, members)(numbers, outputs, y), np.float64)


@lru_cache(maxsize=32)
def _losses(plan: Plan, members: bool) -> Any:
    def run(hyper: Hyper, outputs: jax.Array, y: jax.Array) -> jax.Array:
        return losses_of(plan, hyper, outputs, y)

    return jax.jit(jax.vmap(run, in_axes=(None, 0, None)) if members else run)


def prior_loss(prepared: Prepared, loss: Any) -> float:
    """Return the loss of the best constant prediction: the entropy of the label prior, or the target's spread."""
    train = prepared.train
    if prepared.task == "regression":
        y = np.asarray(train.y, np.float64)
        off = np.abs(y - np.median(y))
        spreads = {"mae": off, "huber": np.where(off <= 1, off**2 / 2, off - 0.5)}
        return float(np.mean(spreads.get(loss, np.square(y - np.mean(y)))))
    shares = np.bincount(train.y) / len(train)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
