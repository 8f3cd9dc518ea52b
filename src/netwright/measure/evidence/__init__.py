"""What the checks read, measured."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(__name__, {"gather": "netwright.measure.evidence.gather:gather"})
