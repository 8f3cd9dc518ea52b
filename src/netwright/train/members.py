"""The members of a population: its state taken apart into one a member, and put together again."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from netwright.train.snapshot import Records, Snapshot, to_device, to_host
from netwright.train.state import Carry, State, Stopping


def apart(snapshot: Snapshot) -> list[Snapshot]:
    """Return the state of each member of a population, copied to the host."""
    carry, stopping = to_host(snapshot.carry), to_host(snapshot.stopping)
    return [_of_member(carry, stopping, snapshot, member) for member in range(len(carry.finite))]


def together(states: Sequence[Snapshot], like: Snapshot) -> Snapshot:
    """Return members that are as far as each other as the state of one population, on the device.

    ``like`` is a state of such a population, which tells its random keys.
    """

    def stacked(*members: np.ndarray) -> np.ndarray:
        return np.stack(members)

    first = states[0]
    carry = _over(stacked, lambda *probes: np.stack(probes, axis=1), *(state.carry for state in states))
    stopping = jax.tree.map(stacked, *(state.stopping for state in states))
    carry, stopping = to_device((carry, stopping), (like.carry, like.stopping))
    records = Records(
        [_joined(rows) for rows in zip(*(state.records.history for state in states), strict=True)],
        list(first.records.trace_steps),
        [np.stack(each) for each in zip(*(state.records.trace for state in states), strict=True)],
    )
    return Snapshot(carry, stopping, first.epoch, first.step, records)


def _of_member(carry: Carry, stopping: Stopping, snapshot: Snapshot, member: int) -> Snapshot:
    def own(array: np.ndarray) -> np.ndarray:
        # A copy: a view would keep the whole population in memory.
        return np.array(array[member])

    records = snapshot.records
    return Snapshot(
        _over(own, lambda probes: np.array(probes[:, member]), carry),
        jax.tree.map(own, stopping),
        snapshot.epoch,
        snapshot.step,
        Records(
            [{k: v[member] if isinstance(v, list) else v for k, v in row.items()} for row in records.history],
            list(records.trace_steps),
            [statistics[member] for statistics in records.trace],
        ),
    )


def _over(function: Callable[..., Any], of_probes: Callable[..., Any], *carries: Carry) -> Carry:
    """Map a function over all that members have of their own; the step is common to them."""
    state = carries[0].state
    own = [(c.state.params, c.state.rest, c.state.optimizer, c.tally, c.finite) for c in carries]
    params, rest, optimizer, tally, finite = jax.tree.map(function, *own)
    return Carry(
        State(state.step, params, rest, optimizer), tally, finite, of_probes(*(c.probes for c in carries))
    )


def _joined(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    common = ("epoch", "step", "seconds")
    return {k: v if k in common else [row[k] for row in rows] for k, v in rows[0].items()}
