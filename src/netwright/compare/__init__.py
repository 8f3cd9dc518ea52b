"""Comparison side by side: one network under several rules, schedules or other controls, from the same start."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Comparison": "netwright.compare.comparison:Comparison",
        "compare": "netwright.compare.compare:compare",
        "compare_runs": "netwright.compare.runs:compare_runs",
    },
)
