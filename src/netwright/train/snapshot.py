"""A snapshot: everything a training needs to go on, copied to the host."""

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.train.state import Carry, Stopping


@dataclass
class Records:
    """What a training has recorded: a row an epoch, and the probes.

    Attributes:
      history: one dictionary an epoch, of numbers, or of lists (members) in a population.
      trace_steps: the steps probed; trace: their statistics, each (layers, statistics) or (members, …).
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    trace_steps: list[int] = field(default_factory=list)
    trace: list[np.ndarray] = field(default_factory=list)

    def copy(self) -> "Records":
        """Return a copy that later records do not change."""
        return Records(list(self.history), list(self.trace_steps), list(self.trace))


@dataclass
class Snapshot:
    """The state between two chunks: ``epoch`` epochs and ``step`` steps of the next one are done."""

    carry: Carry
    stopping: Stopping
    epoch: int
    step: int
    records: Records


def to_host(tree: Any) -> Any:
    """Copy a pytree to NumPy; the copy survives the donation of its source."""
    return jax.tree.map(lambda x: np.array(jax.random.key_data(x) if is_key(x) else x), tree)


def to_device(tree: Any, like: Any) -> Any:
    """Put a host copy back; ``like`` tells which leaves are random keys."""

    def put(x: Any, old: Any) -> Any:
        # A copy, as the device's memory is taken over by the next step; jnp.array would compile one for each shape.
        placed = jax.device_put(np.array(x))
        return jax.random.wrap_key_data(placed) if is_key(old) else placed

    return jax.tree.map(put, tree, like)


def host_shapes(tree: Any) -> Any:
    """Return the shapes and dtypes that :func:`to_host` would give, also for a pytree of mere descriptions."""
    as_data = jax.random.key_data
    return jax.eval_shape(lambda leaves: jax.tree.map(lambda x: as_data(x) if is_key(x) else x, leaves), tree)


def is_key(x: Any) -> bool:
    """Tell whether a leaf is a typed random key, as the random streams of a user's module are."""
    return jnp.issubdtype(getattr(x, "dtype", np.dtype(np.float32)), jax.dtypes.prng_key)
