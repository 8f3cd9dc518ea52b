"""Metrics as mergeable sums: uneven batches and masked rows stay exact."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__, {**lazy.members("metrics"), "Metric": "netwright.metrics._metric:Metric"}
)
