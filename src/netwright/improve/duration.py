"""Durations in words: "90s", "10m", "1.5h"."""

import math

from netwright.core.errors import ControlError

SECONDS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(budget: str | float) -> float:
    """Return a duration in seconds; a bare number is in seconds.

    Raises:
      ControlError: it cannot be read, or is not above 0.
    """
    text = str(budget).strip().lower()
    unit = SECONDS.get(text[-1:])
    try:
        seconds = float(text if unit is None else text[:-1]) * (unit or 1)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ControlError(f"budget: found '{budget}', expected a time such as 90s, 10m or 1.5h")
    return seconds
