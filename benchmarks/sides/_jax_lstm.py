"""A recurrent layer as a scan that JAX differentiates, the input's product taken out of it; its last state."""

import jax
import jax.numpy as jnp

from benchmarks._training import Training

GATES = {"lstm": 4, "gru": 3}


def weights(task: Training, rng):
    channels, units, classes = task.widths
    gates = GATES[task.kind]

    def drawn(rows, columns):
        return jnp.asarray(rng.normal(0, rows**-0.5, (rows, columns)), jnp.float32)

    return {
        "w": drawn(channels, gates * units),
        "u": drawn(units, gates * units),
        "b": jnp.zeros(gates * units),
        "past": jnp.zeros(units),
        "output": {"w": drawn(units, classes), "b": jnp.zeros(classes)},
    }


def outputs_of(task: Training):
    units = task.widths[1]

    def lstm(params, state, z):
        h, c = state
        i, f, g, o = jnp.split(z + h @ params["u"], 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    def gru(params, state, z):
        h, c = state
        update, reset, new = jnp.split(z, 3, axis=1)
        past_update, past_reset, past = jnp.split(h @ params["u"], 3, axis=1)
        update, reset = jax.nn.sigmoid(update + past_update), jax.nn.sigmoid(reset + past_reset)
        new = jnp.tanh(new + reset * (past + params["past"]))
        return ((1 - update) * new + update * h, c), None

    cell = {"lstm": lstm, "gru": gru}[task.kind]

    def outputs(params, x):
        z = jnp.swapaxes(x, 0, 1) @ params["w"] + params["b"]
        zeros = jnp.zeros((len(x), units))
        (h, _), _ = jax.lax.scan(lambda state, z: cell(params, state, z), (zeros, zeros), z)
        return h @ params["output"]["w"] + params["output"]["b"]

    return outputs
