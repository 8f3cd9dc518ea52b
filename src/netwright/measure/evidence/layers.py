"""The network layer by layer: pre-activations, dead and saturated units, gradients."""

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.core import catalog
from netwright.data.prepared import Prepared
from netwright.diagnose.evidence import Start
from netwright.diagnose.interval import of_mean
from netwright.measure.evidence.network import Network, prior_loss, some
from netwright.nn.skeleton import name_of
from netwright.train.objective import outputs_of
from netwright.train.plan import Plan
from netwright.train.step import backward
from netwright.watch.probe import layer_of, layers_of

ZERO_BELOW = ("relu",)
BOUNDED = ("sigmoid", "tanh")
SATURATED = 0.1


def look(network: Network, prepared: Prepared, *, training: bool) -> Start:
    """Return what the layers do on up to 256 training rows; ``training``: normalize by the batch."""
    rows = some(prepared.train)
    # Without normalization both modes are one program.
    run, names = _looked(network.plan, training and network.normalizes)
    seen, losses, norms = run(network.params, network.rest, network.hyper, rows.x, rows.y, rows.weight)
    z = {
        name: np.asarray(a, np.float64).reshape(-1, a.shape[-1]) for name, a in zip(names, seen, strict=True)
    }
    inner = list(z)[:-1]
    dead, saturated = {}, {}
    if network.activation in ZERO_BELOW:
        dead = {name: float((z[name] <= 0).all(axis=0).mean()) for name in inner}
    if network.activation in BOUNDED:
        derivative = catalog.load("nn.activations", network.activation).derivative
        top = float(derivative(jnp.float32(0)))
        saturated = {
            name: float(np.mean(np.asarray(derivative(jnp.asarray(z[name], jnp.float32))) < SATURATED * top))
            for name in inner
        }
    return Start(
        loss=of_mean(np.asarray(losses)),
        prior_loss=prior_loss(prepared, network.plan.loss),
        activation_std={name: float(a.std()) for name, a in z.items()},
        gradient_norm={name: float(norms[name]) for name in z if name in norms},
        twin_units={name: _twins(z[name]) for name in inner if z[name].shape[1] > 1},
        dead=dead,
        saturated=saturated,
    )


def _twins(z: np.ndarray) -> float:
    return 1 - np.unique(z, axis=1).shape[1] / z.shape[1] if z.shape[1] > 1 else 0.0


@lru_cache(maxsize=32)
def _looked(plan: Plan, training: bool) -> tuple[Any, list[str]]:
    # A pytree sorts its names; the order of the calls is noted while the program is traced.
    names: list[str] = []

    def run(params: Any, rest: Any, hyper: Any, x: jax.Array, y: jax.Array, weight: jax.Array) -> Any:
        back = backward(plan, hyper, None, (params, rest, None), x, y, weight)
        model = plan.skeleton.merge(params, rest)
        model.train() if training else model.eval()
        seen = record(model)
        outputs_of(plan, model, x)
        squares: dict[str, jax.Array] = {layer: jnp.float32(0) for layer in layers_of(params)}
        for name, gradient in back.gradients.items():
            squares[layer_of(name)] = squares[layer_of(name)] + jnp.sum(jnp.square(gradient))
        norms = {layer: jnp.sqrt(total) for layer, total in squares.items()}
        names[:] = seen
        return list(seen.values()), back.losses, norms

    return jax.jit(run), names


def record(model: nnx.Module) -> dict[str, jax.Array]:
    """Let a merged model note its layers' pre-activations in the dictionary returned, in the order of the calls.

    A layer is a linear map or a convolution; a batch normalization right behind it replaces what it gave.
    """
    seen: dict[str, jax.Array] = {}
    for path, node in list(nnx.iter_graph(model)):
        if isinstance(node, nnx.Linear | nnx.Conv | nnx.BatchNorm):
            node.__class__ = _noting(type(node), name_of(path), seen)
    return seen


def _noting(kind: Any, name: str, seen: dict[str, jax.Array]) -> Any:
    def call(self: Any, *args: Any, **options: Any) -> jax.Array:
        out = kind.__call__(self, *args, **options)
        behind = issubclass(kind, nnx.BatchNorm) and seen
        seen[next(reversed(seen)) if behind else name] = out
        return out

    return type(kind.__name__, (kind,), {"__call__": call})
