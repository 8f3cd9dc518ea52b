"""The network of Keras's "Simple MNIST convnet": two convolutions, dropout ½, Adam, batches of 128, 15 epochs.

An image of 8 × 8 has no room for its second pooling, which is left out there.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np


def fit(images, target, seed):
    keras.utils.set_random_seed(seed)
    small = images.shape[1] < 12
    model = keras.Sequential(
        [
            keras.Input(images.shape[1:]),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            *([] if small else [keras.layers.MaxPooling2D(2)]),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(int(target.max()) + 1, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    order = np.random.default_rng(seed).permutation(len(images))  # validation_split takes the last rows
    x, y = scaled(images)[order], target[order]
    model.fit(x, y, batch_size=128, epochs=15, validation_split=0.1, verbose=0)
    return lambda test: model.predict(scaled(test), verbose=0).argmax(axis=1)


def scaled(images):
    return images.astype(np.float32) / 255
