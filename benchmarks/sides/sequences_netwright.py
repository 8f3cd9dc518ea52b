"""netwright, as it comes."""

from benchmarks.sides.texts_netwright import fit

__all__ = ["fit"]
