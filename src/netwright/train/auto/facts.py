"""What the automatic choices look at."""

from dataclasses import dataclass

from netwright.core.layout import Layout

SMALL = 5_000
"""Training rows below which variance is the likelier trouble."""


@dataclass(frozen=True)
class Facts:
    """What the rules look at.

    Attributes:
      rows: training rows; layout: what an example is; dev_rows: rows to stop by.
      task: "binary", "multiclass" or "regression"; of several targets that of the first, whose rules hold for all.
      targets: the names of several targets; none of one.
    """

    rows: int
    layout: Layout
    task: str
    dev_rows: int
    targets: tuple[str, ...] = ()
