"""Keras's own convolutions and pooling, and a linear output."""

import keras

from benchmarks._training import Training


def model(task: Training) -> keras.Model:
    network = keras.Sequential([keras.Input(task.data[0].shape[1:])])
    for width in task.widths[1:-1]:
        network.add(keras.layers.Conv2D(width, 3, padding="same", activation="relu"))
        network.add(keras.layers.MaxPooling2D(2))
    network.add(keras.layers.Flatten())
    network.add(keras.layers.Dense(task.widths[-1]))
    return network
