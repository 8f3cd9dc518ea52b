"""See ``_keras_lstm``."""

from benchmarks.sides._keras_lstm import model

__all__ = ["model"]
