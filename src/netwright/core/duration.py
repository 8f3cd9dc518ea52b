"""Durations as people write them: "90", "45s", "2m", "1h30m"."""

import re

from netwright.core.errors import ControlError

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(duration: float | str, what: str = "budget") -> float:
    """Return the seconds of a number of seconds or of text such as "45s", "2m" or "1h30m".

    Raises:
      ControlError: it is no duration, or not above 0.
    """
    if isinstance(duration, str):
        text = duration.replace(" ", "")
        parts = re.findall(r"(\d+(?:\.\d+)?)([smh])", text)
        if re.fullmatch(r"\d+(\.\d+)?", text):
            seconds = float(text)
        elif parts and "".join(number + unit for number, unit in parts) == text:
            seconds = sum(float(number) * UNITS[unit] for number, unit in parts)
        else:
            seconds = 0.0
    else:
        seconds = float(duration)
    if not 0 < seconds < float("inf"):
        raise ControlError(f"{what}: found {duration!r}, expected a time such as 90, 45s, 2m or 1h30m")
    return seconds
