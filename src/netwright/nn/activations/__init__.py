"""Activations: each is callable and knows its derivative, range and default initializer."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(__name__, lazy.members("nn.activations"))
