"""``python -m benchmarks.sides.digits_keras digits.csv``."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"

import keras

from benchmarks._digits import BATCH, EPOCHS, HIDDEN, RATE, standardized

x, y, x_test, y_test = standardized(sys.argv[1])
model = keras.Sequential(
    [*[keras.layers.Dense(width, activation="relu") for width in HIDDEN], keras.layers.Dense(10, "softmax")]
)
model.compile(keras.optimizers.Adam(RATE), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
print(f"accuracy {model.evaluate(x_test, y_test, verbose=0)[1]:.3f}")
