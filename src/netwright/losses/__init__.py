"""Losses: ``f(outputs, targets)`` gives one value an example, and :func:`cost` their mean."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__, {**lazy.members("losses"), "cost": "netwright.losses._cost:cost"}
)
