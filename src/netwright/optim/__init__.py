"""Optimization: update rules, schedules, penalties, clipping, and descent on a plain function."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        **lazy.members("optim.rules"),
        "clip_by_norm": "netwright.optim.clipping:clip_by_norm",
        "clip_by_value": "netwright.optim.clipping:clip_by_value",
        "minimize": "netwright.optim.minimize:minimize",
        "penalties": "netwright.optim.penalties",
        "schedules": "netwright.optim.schedules",
    },
)
