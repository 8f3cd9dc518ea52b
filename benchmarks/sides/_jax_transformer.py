"""Pre-norm blocks as a JAX user writes them, with ``jax.nn``'s attention; a mean over the steps."""

import jax
import jax.numpy as jnp

from benchmarks._training import Training


def weights(task: Training, rng):
    channels, features, *_, classes = task.widths

    def layer(rows, columns):
        return {
            "w": jnp.asarray(rng.normal(0, rows**-0.5, (rows, columns)), jnp.float32),
            "b": jnp.zeros(columns),
        }

    def norm():
        return {"scale": jnp.ones(features), "b": jnp.zeros(features)}

    blocks = [
        {
            "norm1": norm(),
            "qkv": layer(features, 3 * features),
            "out": layer(features, features),
            "norm2": norm(),
            "wide": layer(features, 4 * features),
            "narrow": layer(4 * features, features),
        }
        for _ in task.widths[1:-1]
    ]
    positions = jnp.asarray(rng.normal(0, 0.02, (task.data[0].shape[1], features)), jnp.float32)
    return {
        "enter": layer(channels, features),
        "positions": positions,
        "blocks": blocks,
        "norm": norm(),
        "output": layer(features, classes),
    }


def outputs_of(task: Training):
    heads = task.options["heads"]

    def block(x, p):
        q, k, v = (
            part.reshape(*x.shape[:2], heads, -1)
            for part in jnp.split(dense(p["qkv"], norm(p["norm1"], x)), 3, axis=2)
        )
        x = x + dense(p["out"], jax.nn.dot_product_attention(q, k, v).reshape(x.shape))
        return x + dense(p["narrow"], jax.nn.gelu(dense(p["wide"], norm(p["norm2"], x)), approximate=False))

    def outputs(params, x):
        x = dense(params["enter"], x) + params["positions"]
        for p in params["blocks"]:
            x = block(x, p)
        return dense(params["output"], norm(params["norm"], x).mean(axis=1))

    return outputs


def dense(p, x):
    return x @ p["w"] + p["b"]


def norm(p, x):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / jnp.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5) * p["scale"] + p["b"]
