"""Controls chosen for the data: every ``"auto"`` becomes a value, by rules small enough to read.

``table.py`` has the rules of a table, which hold wherever a kind of data has no rule of its own; each other file
has what is different for one kind of data.
"""

from netwright.train.auto.choose import resolve
from netwright.train.auto.facts import SMALL, Facts
from netwright.train.goals import LOSS_OF_TASK, METRIC_OF_TASK

__all__ = ["LOSS_OF_TASK", "METRIC_OF_TASK", "SMALL", "Facts", "resolve"]
