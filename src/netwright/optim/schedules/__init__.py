"""Learning-rate schedules: functions step (0, 1, 2…) → rate, on traced steps and traced parameters too."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__, {**lazy.members("optim.schedules"), "warmup": "netwright.optim.schedules._warmup:warmup"}
)
