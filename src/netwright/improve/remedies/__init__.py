"""Remedies of a shift: one file each, found by the catalog; tried beside doing nothing, on the same seeds."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        **lazy.members("improve.remedies"),
        "remedy": "netwright.improve.remedies._apply:remedy",
        "Remedied": "netwright.improve.remedies._apply:Remedied",
        "Study": "netwright.improve.remedies._study:Study",
    },
)
