"""Probes: what happens inside the network, measured within the compiled step."""

import jax
import jax.numpy as jnp

from netwright.nn.skeleton import Arrays

STATISTICS = ("grad_norm", "weight_norm", "update_ratio")


def layers_of(params: Arrays) -> list[str]:
    """Return the layers' names in order: the parameters' names without their last part."""
    return list(dict.fromkeys(layer_of(name) for name in params))


def layer_of(name: str) -> str:
    """Return the layer of a parameter: its name without the last part."""
    return name.rpartition(".")[0] or name


def probe(params: Arrays, gradients: Arrays, updated: Arrays) -> jax.Array:
    """Return (layers, statistics): per layer ``‖g‖``, ``‖W‖`` and the applied ``‖ΔW‖ / ‖W‖``.

    The update is measured as the difference of the weights, after clipping, decay and proximal step, so it is
    what was really done and not what the rule meant to do.
    """
    rows = []
    for layer in layers_of(params):
        names = [name for name in params if layer_of(name) == layer]
        weight = _norm([params[name] for name in names])
        update = _norm([updated[name] - params[name] for name in names])
        rows.append(jnp.stack([_norm([gradients[name] for name in names]), weight, update / weight]))
    return jnp.stack(rows)


def empty_probe(params: Arrays) -> jax.Array:
    """Return a probe of zeros, for the steps between probes."""
    return jnp.zeros((len(layers_of(params)), len(STATISTICS)), jnp.float32)


def _norm(arrays: list[jax.Array]) -> jax.Array:
    return jnp.sqrt(sum((jnp.sum(jnp.square(a.astype(jnp.float32))) for a in arrays), jnp.float32(0)))
