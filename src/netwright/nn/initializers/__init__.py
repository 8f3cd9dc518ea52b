"""Initializers: ``he_normal()(key, shape, dtype)`` draws a kernel; equal arguments, equal initializers."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(__name__, lazy.members("nn.initializers"))
