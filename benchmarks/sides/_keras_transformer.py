"""Pre-norm blocks of Keras's own attention, under learned places and above a mean over the steps."""

import keras
from keras import layers

from benchmarks._training import Training


def model(task: Training) -> keras.Model:
    channels, features, *_, classes = task.widths
    heads, steps = task.options["heads"], task.data[0].shape[1]
    inputs = keras.Input((steps, channels))
    places = layers.Embedding(steps, features)(keras.ops.arange(steps)[None])
    x = layers.Dense(features)(inputs) + places
    for _ in task.widths[1:-1]:
        a = layers.LayerNormalization()(x)
        x = x + layers.MultiHeadAttention(heads, features // heads)(a, a)
        a = layers.Dense(4 * features, activation="gelu")(layers.LayerNormalization()(x))
        x = x + layers.Dense(features)(a)
    pooled = keras.ops.mean(layers.LayerNormalization()(x), axis=1)
    return keras.Model(inputs, layers.Dense(classes)(pooled))
