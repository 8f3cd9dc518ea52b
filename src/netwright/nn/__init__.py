"""Activations, initializers and layers."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__, {family: f"netwright.nn.{family}" for family in ("activations", "initializers")}
)
