"""KerasTuner's grid search, on Keras's JAX backend."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import tempfile

import keras
import keras_tuner

from benchmarks._tuning import BATCH, Configuration, Work

STEPS_PER_EXECUTION = 16


def tune(work: Work) -> list[float]:
    keras.utils.set_random_seed(0)
    x, y, x_dev, y_dev = work.data
    configurations = list(work.configurations())

    def build(hyper: keras_tuner.HyperParameters) -> keras.Model:
        place = hyper.Choice("place", list(range(len(configurations))))
        return _network(x.shape[1], configurations[place], work.classes)

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.GridSearch(
            build, objective=keras_tuner.Objective("val_accuracy", "max"), directory=folder, overwrite=True
        )
        tuner.search(x, y, batch_size=BATCH, epochs=work.epochs, validation_data=(x_dev, y_dev), verbose=0)
        return [1 - trial.score for trial in tuner.oracle.trials.values()]


def _network(inputs: int, configuration: Configuration, outputs: int) -> keras.Model:
    layers = [keras.Input((inputs,))]
    for width in configuration.hidden:
        layers += [keras.layers.Dense(width, activation="relu"), keras.layers.Dropout(configuration.dropout)]
    model = keras.Sequential([*layers, keras.layers.Dense(outputs)])
    model.compile(
        optimizer=keras.optimizers.AdamW(
            configuration.learning_rate, weight_decay=configuration.weight_decay
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_EXECUTION,
        jit_compile=True,
    )
    return model
