"""The recipe of Keras' "Timeseries classification from scratch": three convolutions of 64, their average, Adam."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from benchmarks.sides._steps import Padded


def fit(sequences, labels, seed):
    keras.utils.set_random_seed(seed)
    padded = Padded(sequences, labels)
    x = padded.encode(sequences)[0]
    layers = [keras.layers.Input(x.shape[1:])]
    for _ in range(3):
        layers += [keras.layers.Conv1D(64, 3, padding="same"), keras.layers.BatchNormalization()]
        layers += [keras.layers.ReLU()]
    layers += [keras.layers.GlobalAveragePooling1D()]
    model = keras.Sequential([*layers, keras.layers.Dense(len(padded.classes), activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", steps_per_execution=4)
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=20, min_lr=1e-4),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=50, restore_best_weights=True),
    ]
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order], padded.y[order]
    model.fit(x, y, batch_size=32, epochs=500, validation_split=0.2, callbacks=callbacks, verbose=0)
    return lambda test: padded.classes[model.predict(padded.encode(test)[0], verbose=0).argmax(axis=1)]
