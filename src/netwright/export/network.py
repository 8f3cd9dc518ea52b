"""The network itself: traced by JAX, converted by jax2onnx."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import jaxpr_as_fun
from jax2onnx import to_onnx

from netwright.core.errors import RunError
from netwright.export.graph import OPSET, ROWS
from netwright.models import ModelSpec
from netwright.nn.kernels.portable import portable_kernels
from netwright.nn.skeleton import Arrays, Skeleton
from netwright.train.setup import skeleton_of


def network(skeleton: Skeleton, params: Arrays, rest: Arrays, shape: tuple[int, ...]) -> Any:
    """Return the model from x, float32 (rows, *shape), to the network's outputs, float32 (rows, n_out).

    Raises:
      RunError: it needs to know the number of rows, or computes something that jax2onnx has no form for.
    """

    def forward(x: jax.Array) -> jax.Array:
        model: Any = skeleton.merge(params, rest)
        model.eval()
        return model(x)

    (rows,) = jax.export.symbolic_shape(ROWS)
    x = jax.ShapeDtypeStruct((rows, *shape), jnp.float32)
    # Traced here: jax2onnx traces with functions of JAX and Flax replaced by its own, which do not all agree with them.
    try:
        with portable_kernels():
            traced = jax.make_jaxpr(forward)(x)
        return to_onnx(jaxpr_as_fun(traced), [x], model_name="network", opset=OPSET)
    except Exception as error:  # neither raises anything narrower
        said = " ".join(str(error).split())[:160]
        raise RunError(
            f"export: the network cannot be written as ONNX ({type(error).__name__}: {said})"
        ) from error


def in_float32(skeleton: Skeleton, fields: dict[str, Any] | None) -> Skeleton:
    """Return the skeleton that computes in float32: runtimes on a CPU multiply no bfloat16.

    Args:
      skeleton: of the trained network; fields: its ModelSpec as JSON, or None of a module of the user's own, which
        stays as it is.
    """
    if fields is None:
        return skeleton
    spec = ModelSpec.from_json(fields)
    members = tuple(replace(member, precision="float32") for member in spec.members)
    return skeleton_of(replace(spec, precision="float32", members=members))
