"""What travels through the compiled program, as pytrees."""

from typing import Any, NamedTuple

import jax

from netwright.nn.skeleton import Arrays


class State(NamedTuple):
    """What a step changes. ``step`` counts from 0."""

    step: jax.Array
    params: Arrays
    rest: Arrays
    optimizer: Any


class Data(NamedTuple):
    """Rows on the device: x (n, …), y (n,) or (n, k), weight (n,), or (members, n) in a population.

    ``weight`` is None when every row weighs 1: to gather ones from a large table costs as much as a small model.
    """

    x: jax.Array
    y: jax.Array
    weight: jax.Array | None


class Tally(NamedTuple):
    """Sums over the rows seen: Σ w·loss, Σ w, and the metric's own sums."""

    loss: jax.Array
    weight: jax.Array
    metric: dict[str, jax.Array]


class Carry(NamedTuple):
    """What travels through a chunk: the state, the epoch's tally, whether all is finite, the probes."""

    state: State
    tally: Tally
    finite: jax.Array
    probes: jax.Array


class Stopping(NamedTuple):
    """Early stopping and the tolerance, kept on the device.

    ``epochs`` counts the epochs until the stop; ``stopped``: 0 no, 1 patience, 2 tolerance.
    """

    best: jax.Array
    best_epoch: jax.Array
    wait: jax.Array
    cost: jax.Array
    epochs: jax.Array
    stopped: jax.Array
    params: Arrays
    rest: Arrays
