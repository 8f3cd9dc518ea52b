"""Nearest names: what the user probably meant."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest known name, or ``""`` when none is close."""
    known = list(known)
    by_lower = {other.lower(): other for other in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=2, cutoff=0.6)
    if not close:
        return ""
    return "; did you mean " + " or ".join(f"'{by_lower[other]}'" for other in close) + "?"


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Return names as a comma-separated text, cut after ``limit`` with the count of the rest."""
    names = list(names)
    text = ", ".join(names[:limit])
    return text if len(names) <= limit else f"{text}, … ({len(names) - limit} more)"
