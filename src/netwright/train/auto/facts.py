"""What the automatic choices look at."""

from dataclasses import dataclass

from netwright.core.layout import Layout

SMALL = 5_000
"""Training rows below which variance is the likelier trouble."""


@dataclass(frozen=True)
class Facts:
    """What the rules look at: training rows, what an example is, the task, and whether there are dev rows."""

    rows: int
    layout: Layout
    task: str
    has_dev: bool
