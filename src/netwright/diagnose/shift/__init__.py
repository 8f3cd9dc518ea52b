"""Shift: whether the target rows come from where the training rows came from, what moved, and whether it hurts."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "detect": "netwright.diagnose.shift.detect:detect",
        "ShiftReport": "netwright.diagnose.shift.report:ShiftReport",
        "JointTest": "netwright.diagnose.shift.report:JointTest",
        # Named, not imported: what trains lives in a higher room.
        "remedy": "netwright.improve.remedies:remedy",
    },
)
