"""Keras 3 on its JAX backend, faster here than on PyTorch (0.07-0.2 ms a small step against 1.1-1.8 ms)."""

import os

os.environ["KERAS_BACKEND"] = "jax"

from importlib import import_module

import keras
import numpy as np

from benchmarks._training import Learner, Training, timed

STEPS_PER_EXECUTION = 16  # the fastest of 1, 16 and 64


def network(task: Training) -> Learner:
    keras.utils.set_random_seed(0)
    inputs, labels = task.data
    model = model_of(task)
    losses = keras.losses
    cost = losses.BinaryCrossentropy if task.binary else losses.SparseCategoricalCrossentropy
    model.compile(
        optimizer=keras.optimizers.get(
            {"class_name": task.rule, "config": {"learning_rate": task.learning_rate}}
        ),
        loss=cost(from_logits=True),
        steps_per_execution=min(STEPS_PER_EXECUTION, task.steps),
        jit_compile=True,
    )

    def epoch() -> None:
        model.fit(inputs, labels, batch_size=task.batch, epochs=1, shuffle=True, verbose=0)

    def probabilities() -> np.ndarray:
        logits = model.predict(inputs, batch_size=8192, verbose=0)
        return np.asarray(keras.ops.sigmoid(logits[:, 0]) if task.binary else keras.ops.softmax(logits))

    return Learner(timed(epoch), probabilities)


def model_of(task: Training) -> keras.Model:
    if task.kind == "mlp":
        return keras.Sequential(
            [
                keras.Input((task.widths[0],)),
                *[keras.layers.Dense(width, activation="relu") for width in task.widths[1:-1]],
                keras.layers.Dense(task.widths[-1]),
            ]
        )
    return import_module(f"benchmarks.sides._keras_{task.kind}").model(task)
