"""Patterns over dotted names: how a user points at some of a model's parameters."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest

OUT = "!"
"""A pattern that begins so takes names out again."""


def fits(pattern: str, name: str) -> bool:
    """Tell whether a name fits a pattern (``*``, ``?``, ``[…]``), or lies within a part that does.

    "body" fits "body.stem.kernel", and so does "body.*"; "*.bias" fits all biases.
    """
    pattern = pattern.removeprefix(OUT)
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


def chosen(patterns: Sequence[str], names: Iterable[str]) -> frozenset[str]:
    """Return the names for which the last pattern that fits does not begin with "!"."""
    found: set[str] = set()
    for pattern in patterns:
        fitting = {name for name in names if fits(pattern, name)}
        found = found - fitting if pattern.startswith(OUT) else found | fitting
    return frozenset(found)


def check(patterns: Iterable[str], names: Sequence[str], place: str) -> None:
    """Refuse a pattern that fits no name.

    Raises:
      ControlError: naming the control ``place``, with the nearest name.
    """
    for pattern in patterns:
        if not any(fits(pattern, name) for name in names):
            parts = list(dict.fromkeys(name.rpartition(".")[0] or name for name in names))
            raise ControlError(
                f"{place}: no parameter fits '{pattern}'{nearest(pattern, parts) or ';'} The model has {listed(parts)}"
            )
