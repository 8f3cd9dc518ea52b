"""Plain JAX by hand: an epoch compiled as a scan of steps, Optax's rule. The yardstick of the engine."""

from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks._training import Learner, Training, timed


def network(task: Training) -> Learner:
    rng = np.random.default_rng(0)
    rule = getattr(optax, task.rule)(task.learning_rate)
    inputs, labels = (jnp.asarray(array) for array in task.data)
    carry = start(task, rule, rng)
    epoch_program = jax.jit(epoch_of(task, rule), donate_argnums=0)
    order = np.arange(task.rows, dtype=np.int32)

    def epoch() -> None:
        nonlocal carry
        rng.shuffle(order)
        carry, _ = epoch_program(carry, inputs, labels, order.copy())

    def probabilities() -> np.ndarray:
        return np.asarray(likelihood(task, jax.jit(outputs_of(task))(carry[0], inputs)))

    return Learner(timed(epoch, lambda: jax.block_until_ready(carry)), probabilities)


def population(task: Training) -> Learner:
    """Every member with its own weights, its own shuffle and its own rate, by vmap over the whole epoch."""
    rngs = [np.random.default_rng(seed) for seed in range(task.members)]
    rates = jnp.full(task.members, task.learning_rate)
    inputs, labels = (jnp.asarray(array) for array in task.data)

    def member_epoch(carry, rate, order, inputs, labels):
        return epoch_of(task, getattr(optax, task.rule)(rate))(carry, inputs, labels, order)

    starts = [start(task, getattr(optax, task.rule)(task.learning_rate), rng) for rng in rngs]
    carry = jax.tree.map(lambda *leaves: jnp.stack(leaves), *starts)
    program = jax.jit(jax.vmap(member_epoch, in_axes=(0, 0, 0, None, None)), donate_argnums=0)

    def epoch() -> None:
        nonlocal carry
        orders = np.stack([rng.permutation(task.rows).astype(np.int32) for rng in rngs])
        carry, _ = program(carry, rates, orders, inputs, labels)

    def probabilities() -> np.ndarray:
        return np.asarray(likelihood(task, jax.vmap(outputs_of(task), in_axes=(0, None))(carry[0], inputs)))

    return Learner(timed(epoch, lambda: jax.block_until_ready(carry)), probabilities)


def start(task: Training, rule: optax.GradientTransformation, rng: np.random.Generator):
    if task.kind != "mlp":
        params = import_module(f"benchmarks.sides._jax_{task.kind}").weights(task, rng)
        return params, rule.init(params)
    params = [
        {
            "w": jnp.asarray(rng.normal(0, (2 / fan_in) ** 0.5, (fan_in, fan_out)), jnp.float32),
            "b": jnp.zeros(fan_out),
        }
        for fan_in, fan_out in zip(task.widths[:-1], task.widths[1:], strict=True)
    ]
    return params, rule.init(params)


def outputs_of(task: Training):
    """Return the function (params, x) → logits; networks that are no perceptron stand in ``_jax_<kind>``."""
    if task.kind == "mlp":
        return outputs
    return import_module(f"benchmarks.sides._jax_{task.kind}").outputs_of(task)


def outputs(params, x):
    for layer in params[:-1]:
        x = jax.nn.relu(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def likelihood(task: Training, logits):
    return jax.nn.sigmoid(logits[..., 0]) if task.binary else jax.nn.softmax(logits)


def epoch_of(task: Training, rule: optax.GradientTransformation):
    full = task.rows // task.batch

    def cost(params, x, y):
        logits = outputs_of(task)(params, x)
        if task.binary:
            return optax.sigmoid_binary_cross_entropy(logits[:, 0], y.astype(jnp.float32)).mean()
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    def epoch(carry, inputs, labels, order):
        def step(carry, rows):
            params, state = carry
            value, gradient = jax.value_and_grad(cost)(params, inputs[rows], labels[rows])
            updates, state = rule.update(gradient, state, params)
            return (optax.apply_updates(params, updates), state), value

        carry, costs = jax.lax.scan(step, carry, order[: full * task.batch].reshape(full, task.batch))
        if task.rows % task.batch:
            carry, _ = step(carry, order[full * task.batch :])
        return carry, costs

    return epoch
