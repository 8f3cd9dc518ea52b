"""See ``_pytorch_lstm``."""

from benchmarks.sides._pytorch_lstm import model

__all__ = ["model"]
