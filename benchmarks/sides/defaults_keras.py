"""The recipe of the Keras and TensorFlow tutorials for tables ("Basic regression", "Overfit and underfit").

Two layers of 64, Adam, batches of 32, a fifth of the rows for validation, early stopping with patience 10.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras

from benchmarks.sides._table import Encoded


def fit(frame, target, task, seed):
    keras.utils.set_random_seed(seed)
    data = Encoded(frame, target, task)
    model = keras.Sequential(
        [
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(data.outputs, activation=None if data.regression else "softmax"),
        ]
    )
    loss = "mean_squared_error" if data.regression else "sparse_categorical_crossentropy"
    model.compile(optimizer="adam", loss=loss, steps_per_execution=8)
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
    order = keras.random.shuffle(
        keras.ops.arange(len(data.x)), seed=seed
    )  # validation_split takes the last rows
    x, y = data.x[order], data.y[order]
    model.fit(x, y, batch_size=32, epochs=200, validation_split=0.2, callbacks=[stopping], verbose=0)
    return lambda test: data.predictions(model.predict(data.features(test), verbose=0))
