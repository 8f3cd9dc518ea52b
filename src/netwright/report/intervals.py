"""Intervals read back from JSON."""

from collections.abc import Mapping
from typing import Any

from netwright.diagnose.interval import Interval


def interval_of(fields: Any) -> Interval | None:
    """Return the interval of a dictionary, or None when there is none."""
    if not isinstance(fields, Mapping):
        return None
    return Interval(
        fields.get("low"), fields.get("estimate"), fields.get("high"), fields.get("confidence", 0.9)
    )
