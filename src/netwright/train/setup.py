"""From controls and data to a training that can start: the model, its plan, its first state."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.core import catalog
from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.core.keys import key
from netwright.core.names import listed
from netwright.data.prepared import Prepared
from netwright.models import ModelSpec, build
from netwright.nn.batch_norm import mask_foreign_batch_norms
from netwright.nn.skeleton import Arrays, Skeleton, split
from netwright.train.balance import started
from netwright.train.chunk import PROBE_ROWS
from netwright.train.compile_cache import run_once
from netwright.train.objective import empty_tally
from netwright.train.plan import Hyper, Plan, rule_of
from netwright.train.pretrained import body_of
from netwright.train.snapshot import Records, Snapshot
from netwright.train.state import Carry, State, Stopping
from netwright.watch.probe import empty_probe


def spec_of(controls: Controls, prepared: Prepared) -> ModelSpec:
    """Return the spec of the model that resolved controls ask for."""
    architecture, initialization = controls.architecture, controls.initialization
    layout, takes = prepared.encoder.layout, catalog.module("models", architecture.kind).TAKES
    if layout.kind not in takes:
        raise ControlError(
            f"architecture.kind: '{architecture.kind}' takes {listed(takes)}, the data has examples of kind "
            f"'{layout.kind}' and shape {layout.shape}; choose another kind, or pass a module of your own as model="
        )
    return ModelSpec(
        kind=architecture.kind,
        layout=layout,
        n_out=prepared.target.n_out,
        targets=prepared.target.heads,
        hidden=tuple(int(width) for width in architecture.hidden),
        kernel_size=architecture.kernel_size,
        blocks=int(architecture.blocks),
        head=tuple(int(width) for width in architecture.head),
        heads=architecture.heads,
        bidirectional=bool(architecture.bidirectional),
        activation=architecture.activation,
        batch_norm=bool(architecture.batch_norm),
        dropout=float(controls.regularization.dropout) > 0,
        dropout_scaling=controls.regularization.dropout_scaling,
        kernel=initialization.kernel,
        scale=initialization.scale,
        bias=initialization.bias,
        precision=controls.optimization.precision,
        backbone=body_of(architecture),
    )


@cache
def skeleton_of(spec: ModelSpec) -> Skeleton:
    """Return the static part of a spec's model, without computing a single weight."""
    return split(nnx.eval_shape(lambda: build(spec, nnx.Rngs(0))))[0]


@cache
def abstract_weights(spec: ModelSpec) -> tuple[Arrays, Arrays]:
    """Return the shapes and dtypes of (params, rest), without computing a single weight."""
    return split(nnx.eval_shape(lambda: build(spec, nnx.Rngs(0))))[1:]


def weights_of(model: nnx.Module) -> tuple[Skeleton, tuple[Arrays, Arrays]]:
    """Take a user's own module apart into (skeleton, (params, rest)); the module itself stays as it is."""
    copy = nnx.clone(model)
    mask_foreign_batch_norms(copy)
    skeleton, params, rest = split(copy)
    return skeleton, (params, rest)


def first_snapshot(
    plan: Plan,
    hyper: Hyper,
    start: ModelSpec | tuple[Arrays, Arrays],
    seeds: int | list[int],
    brought: tuple[Arrays, Arrays] = ({}, {}),
) -> Snapshot:
    """Return the state before the first step, made by one compiled program.

    Args:
      start: the model to draw weights for, or the weights (params, rest) of a user's own module.
      seeds: the seed of the weights, or one for every member of a population.
      brought: weights (params, rest) that take the place of drawn ones: a backbone's.
    """
    population = not isinstance(seeds, int)
    drawn = start if isinstance(start, ModelSpec) else None
    weights = brought if isinstance(start, ModelSpec) else start
    carry, stopping = _first(plan, drawn, population)(np.asarray(seeds, np.uint32), hyper, weights)
    return Snapshot(carry, stopping, 0, 0, Records())


@lru_cache(maxsize=128)
def _first(plan: Plan, spec: ModelSpec | None, population: bool) -> Callable[..., tuple[Carry, Stopping]]:
    def member(seed: jax.Array, hyper: Hyper, weights: tuple[Arrays, Arrays]) -> Any:
        # A copy: the state is donated to every chunk, and a user's own arrays must outlive that.
        given = jax.tree.map(jnp.copy, weights)
        # Streams of their own: with or without dropout, the weights start the same.
        rngs = nnx.Rngs(params=key(seed, "init"), dropout=key(seed, "dropout"))
        params, rest = ({}, {}) if spec is None else split(build(spec, rngs))[1:]
        params, rest = params | given[0], rest | given[1]
        rest = {**rest, **{name: jnp.asarray(hyper["dropout"]) for name in plan.skeleton.dropout_rates}}
        learning = plan.trained.of(params)
        optimizer = started(plan, hyper, rule_of(plan, hyper).init(learning))
        stopping = Stopping(
            best=jnp.float32(np.inf),
            best_epoch=jnp.int32(-1),
            wait=jnp.int32(0),
            cost=jnp.float32(np.inf),
            epochs=jnp.int32(0),
            stopped=jnp.int32(0),
            params={} if plan.keep == "last" else params,
            rest={} if plan.keep == "last" else rest,
        )
        return (params, rest, optimizer), empty_tally(plan), jnp.bool_(True), empty_probe(learning), stopping

    def whole(seeds: jax.Array, hyper: Hyper, weights: Any) -> tuple[Carry, Stopping]:
        lifted = jax.vmap(member, in_axes=(0, 0, None)) if population else member
        members, tally, finite, probe, stopping = lifted(seeds, hyper, weights)
        probes = jnp.zeros((PROBE_ROWS, *probe.shape), jnp.float32)
        return Carry(State(jnp.int32(0), *members), tally, finite, probes), stopping

    return jax.jit(whole, compiler_options=run_once())


class Weights(NamedTuple):
    """The weights that a training ends with."""

    params: Arrays
    rest: Arrays


def final_weights(plan: Plan, snapshot: Snapshot) -> Weights:
    """Return the weights to keep: the best, those at the stop, or the last."""
    if plan.keep == "last":
        return Weights(snapshot.carry.state.params, snapshot.carry.state.rest)
    return Weights(snapshot.stopping.params, snapshot.stopping.rest)
