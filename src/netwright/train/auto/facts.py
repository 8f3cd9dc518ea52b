"""What the automatic choices look at."""

from dataclasses import dataclass

from netwright.core.layout import Layout

SMALL = 5_000
"""Training rows below which variance is the likelier trouble."""


@dataclass(frozen=True)
class Facts:
    """What the rules look at.

    Attributes:
      rows: training rows; layout: what an example is; has_dev: whether there are dev rows.
      task: "binary", "multiclass" or "regression"; of several targets that of the first, whose rules hold for all.
      targets: the names of several targets; none of one.
    """

    rows: int
    layout: Layout
    task: str
    has_dev: bool
    targets: tuple[str, ...] = ()
