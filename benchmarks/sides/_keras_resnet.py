"""A residual network of basic blocks from Keras's own layers."""

import keras
from keras import layers

from benchmarks._training import Training


def model(task: Training) -> keras.Model:
    _, *stages, classes = task.widths
    x = entry = keras.Input(task.data[0].shape[1:])
    x = layers.Activation("relu")(_normalized(x, stages[0], 3, 1))
    for number, width in enumerate(stages):
        for place in range(task.options["blocks"]):
            x = _block(x, width, 2 if number > 0 and place == 0 else 1)
    return keras.Model(entry, layers.Dense(classes)(layers.GlobalAveragePooling2D()(x)))


def _block(x, width: int, stride: int):
    inner = layers.Activation("relu")(_normalized(x, width, 3, stride))
    inner = _normalized(inner, width, 3, 1, gamma="zeros")
    same = stride == 1 and x.shape[-1] == width
    shortcut = x if same else _normalized(x, width, 1, stride)
    return layers.Activation("relu")(layers.Add()([inner, shortcut]))


def _normalized(x, width: int, size: int, stride: int, gamma: str = "ones"):
    x = layers.Conv2D(width, size, stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=gamma)(x)
