"""Keras's own layer and a linear output of its last state."""

import keras

from benchmarks._training import Training

LAYERS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


def model(task: Training) -> keras.Model:
    channels, units, classes = task.widths
    steps = task.data[0].shape[1]
    return keras.Sequential(
        [keras.Input((steps, channels)), LAYERS[task.kind](units), keras.layers.Dense(classes)]
    )
