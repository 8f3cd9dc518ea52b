"""The network of TensorFlow's "Basic text classification": the average of vectors of 16, dropout 0.2; Adam.

The tutorial trains ten epochs on 20,000 reviews; with fewer texts, early stopping says when it is enough.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from benchmarks.sides._words import VOCABULARY, Words


def fit(texts, labels, seed):
    keras.utils.set_random_seed(seed)
    words = Words(texts, labels)
    model = keras.Sequential(
        [
            keras.layers.Embedding(VOCABULARY, 16, mask_zero=True),
            keras.layers.Dropout(0.2),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(len(words.classes), activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", steps_per_execution=8)
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
    order = np.random.default_rng(seed).permutation(len(texts))
    x, y = words.encode(texts)[order], words.y[order]
    model.fit(x, y, batch_size=32, epochs=60, validation_split=0.2, callbacks=[stopping], verbose=0)
    return lambda test: words.classes[model.predict(words.encode(test), verbose=0).argmax(axis=1)]
