"""A residual network of basic blocks, as JAX differentiates it; normalized by the batch, without running averages."""

import jax
import jax.numpy as jnp

from benchmarks._training import Training
from benchmarks.sides._jax_cnn import convolution, drawn


def weights(task: Training, rng):
    channels, *stages, classes = task.widths

    def normalized(before, after, size, scale=1.0):
        return {
            "w": drawn(rng, (size, size, before, after)),
            "scale": jnp.full(after, scale),
            "shift": jnp.zeros(after),
        }

    blocks, width = [], stages[0]
    for number, after in enumerate(stages):
        for place in range(task.options["blocks"]):
            block = {"first": normalized(width, after, 3), "second": normalized(after, after, 3, 0.0)}
            if number > 0 and place == 0:
                block["shortcut"] = normalized(width, after, 1)
            blocks.append(block)
            width = after
    output = {"w": drawn(rng, (width, classes)), "b": jnp.zeros(classes)}
    return {"stem": normalized(channels, stages[0], 3), "blocks": blocks, "output": output}


def outputs_of(task: Training):
    del task

    def outputs(params, x):
        x = jax.nn.relu(_normalized(x, params["stem"]))
        for block in params["blocks"]:
            stride = 2 if "shortcut" in block else 1
            inner = jax.nn.relu(_normalized(x, block["first"], stride))
            shortcut = _normalized(x, block["shortcut"], stride) if stride == 2 else x
            x = jax.nn.relu(_normalized(inner, block["second"]) + shortcut)
        return x.mean(axis=(1, 2)) @ params["output"]["w"] + params["output"]["b"]

    return outputs


def _normalized(x, layer, stride: int = 1):
    z = convolution(x, layer["w"], stride)
    mean, variance = z.mean(axis=(0, 1, 2)), z.var(axis=(0, 1, 2))
    return (z - mean) * jax.lax.rsqrt(variance + 1e-5) * layer["scale"] + layer["shift"]
