"""``lax``'s convolution and pooling, as JAX differentiates them; a linear output."""

from itertools import pairwise

import jax
import jax.numpy as jnp
from jax import lax

from benchmarks._training import Training


def weights(task: Training, rng):
    side = task.data[0].shape[1] // 2 ** (len(task.widths) - 2)
    shapes = [(3, 3, *pair) for pair in pairwise(task.widths[:-1])]
    return {
        "layers": [{"w": drawn(rng, shape), "b": jnp.zeros(shape[-1])} for shape in shapes],
        "output": {
            "w": drawn(rng, (side**2 * task.widths[-2], task.widths[-1])),
            "b": jnp.zeros(task.widths[-1]),
        },
    }


def outputs_of(task: Training):
    square = (1, 2, 2, 1)

    def outputs(params, x):
        for layer in params["layers"]:
            x = jax.nn.relu(convolution(x, layer["w"]) + layer["b"])
            x = lax.reduce_window(x, -jnp.inf, lax.max, square, square, "VALID")
        return x.reshape(len(x), -1) @ params["output"]["w"] + params["output"]["b"]

    return outputs


def drawn(rng, shape):
    fan_in = 1
    for size in shape[:-1]:
        fan_in *= size
    return jnp.asarray(rng.normal(0, (2 / fan_in) ** 0.5, shape), jnp.float32)


def convolution(x, w, stride: int = 1):
    return lax.conv_general_dilated(
        x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
