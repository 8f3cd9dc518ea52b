"""Many devices: each has all rows and all weights, and takes its share of every mini-batch.

Only the row numbers of a mini-batch are told to lie spread over the devices. From there XLA derives who computes what
in the one program, and adds up over devices what mixes rows: costs, gradients, batch statistics. So batches, masks
and dropout are those of one device, and the numbers too, but for the rounding of sums.
"""

import contextlib
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from netwright.core.errors import ControlError
from netwright.train.snapshot import is_key, to_device, to_host

AXIS = "rows"


def mesh_of(devices: int | None) -> Mesh | None:
    """Return the mesh to train on, or None for a single device.

    Args:
      devices: how many of this process, and as many of each other process; None: one, or of several processes all.
        On a CPU they are simulated, if JAX has not started yet.

    Raises:
      ControlError: there are not so many.
    """
    if devices is not None and devices < 1:
        raise ControlError(f"devices: found {devices}, expected at least 1")
    if devices is not None and devices > 1 and jax.config.values["jax_num_cpu_devices"] < 0:
        with contextlib.suppress(RuntimeError):  # JAX has started: what it found is what there is
            jax.config.update("jax_num_cpu_devices", devices)
    if devices is None:
        devices = 1 if jax.process_count() == 1 else jax.local_device_count()
    if devices > jax.local_device_count():
        found, kind = jax.local_device_count(), jax.local_devices()[0].platform
        raise ControlError(
            f"devices: found {found} ({kind}), expected at least {devices}; on a CPU ask before JAX starts, or set "
            f"XLA_FLAGS=--xla_force_host_platform_device_count={devices}"
        )
    if devices * jax.process_count() == 1:
        return None
    processes = range(jax.process_count())
    chosen = [[d for d in jax.devices() if d.process_index == process][:devices] for process in processes]
    # Auto: XLA chooses how every other array lies; an explicit mesh would want it said at each indexing.
    return Mesh(np.array(chosen).reshape(-1), (AXIS,), axis_types=(AxisType.Auto,))


def everywhere(mesh: Mesh) -> NamedSharding:
    """Return how an array lies that each device has whole."""
    return NamedSharding(mesh, PartitionSpec())


def shared_out(rows: jax.Array, mesh: Mesh | None) -> jax.Array:
    """Within a compiled program: let each device have its share of the rows (m, …); they need not come out even."""
    if mesh is None:
        return rows
    return lax.with_sharding_constraint(rows, NamedSharding(mesh, PartitionSpec(AXIS)))


def put(tree: Any, mesh: Mesh | None) -> Any:
    """Put arrays on every device of the mesh, or on the one there is; CPU devices use aligned NumPy arrays in place."""
    if mesh is None:
        return jax.device_put(tree)
    return jax.tree.map(partial(_on_each, everywhere(mesh)), tree)


def _on_each(lying: NamedSharding, x: Any) -> Any:
    if is_key(x):
        data = _on_each(lying, jax.random.key_data(x))
        return jax.random.wrap_key_data(data, impl=jax.random.key_impl(x))
    x = np.asarray(x)
    return jax.make_array_from_callback(x.shape, lying, lambda _: x)


def taken_from(tree: Any, mesh: Mesh | None) -> Any:
    """Return arrays of the mesh as arrays of this process's own first device."""
    return tree if mesh is None else to_device(to_host(tree), tree)
