"""Numbers in words, the same all over the report."""

import math
from collections.abc import Iterable
from typing import Any

from netwright.diagnose.interval import Interval

LONGEST = 60


def amount(value: float | None, metric: str = "") -> str:
    """Return a number as people write it; an error is a percentage."""
    if value is None or not math.isfinite(value):
        return "?"
    if metric == "error":
        percent = 100 * value
        return f"{percent:.1f}\u00a0%" if abs(percent) >= 0.095 or percent == 0 else f"{percent:.2g}\u00a0%"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:.2e}"


def between(interval: Interval, metric: str = "") -> str:
    """Return "3.1 % [2.0 %, 4.2 %]", "at most 4.2 %" or "at least 2.0 %"."""
    low, high = amount(interval.low, metric), amount(interval.high, metric)
    if interval.low is None and interval.high is None:
        return amount(interval.estimate, metric)
    if interval.low is None:
        return f"at most {high}"
    if interval.high is None:
        return f"at least {low}"
    if interval.estimate is None:
        return f"{low} to {high}"
    return f"{amount(interval.estimate, metric)} [{low}, {high}]"


def cut(value: Any, longest: int = LONGEST) -> str:
    """Return a user's value as a text of one line that is not longer than ``longest``."""
    if value is None:
        return "(missing)"
    text = " ".join(str(value).split()) or "(empty)"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def distinct(names: Iterable[Any], longest: int = 28) -> list[str]:
    """Return names as short labels, no two alike: a chart would take two equal labels for one."""
    labels: list[str] = []
    for name in names:
        short = cut(name, longest)
        label, again = short, 2
        while label in labels:
            label, again = f"{short} ({again})", again + 1
        labels.append(label)
    return labels


def sentence(text: str) -> str:
    """Return the text with a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
