"""See ``_jax_lstm``."""

from benchmarks.sides._jax_lstm import outputs_of, weights

__all__ = ["outputs_of", "weights"]
