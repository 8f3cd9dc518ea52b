"""Numbers and words read from the hub's ``config.json``, which anyone may have written."""

from collections.abc import Mapping
from typing import Any

from netwright.core.errors import BackboneError
from netwright.core.names import listed

Hub = Mapping[str, Any]


def whole(hub: Hub, name: str, default: int | None = None, *, most: int = 1 << 20) -> int:
    """Return a whole number from 1 to ``most``.

    Raises:
      BackboneError: it is missing without a default, or something else.
    """
    value = hub.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BackboneError(f"{name} is {_shown(value)}, expected a whole number from 1 to {most:,}")
    return value


def wholes(hub: Hub, name: str, default: tuple[int, ...], *, most: int = 1 << 16) -> tuple[int, ...]:
    """Return from one to sixteen whole numbers, as :func:`whole` has them."""
    value = hub.get(name, list(default))
    if not isinstance(value, list) or not 1 <= len(value) <= 16:
        raise BackboneError(f"{name} is {_shown(value)}, expected a list of 1 to 16 whole numbers")
    return tuple(whole({name: one}, name, most=most) for one in value)


def number(hub: Hub, name: str, default: float, *, most: float = 1.0) -> float:
    """Return a number above 0, up to ``most``."""
    value = hub.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise BackboneError(f"{name} is {_shown(value)}, expected a number above 0, up to {most:g}")
    return float(value)


def numbers(hub: Hub, name: str, *, low: float, high: float) -> list[float]:
    """Return from one to sixteen numbers from ``low`` to ``high``."""
    value = hub.get(name)
    known: list[Any] = value if isinstance(value, list) and len(value) <= 16 else []
    if not known or not all(type(one) in (int, float) and low <= one <= high for one in known):
        raise BackboneError(f"{name} is {_shown(value)}, expected a list of numbers from {low:g} to {high:g}")
    return [float(one) for one in known]


def word(hub: Hub, name: str, default: str, known: Mapping[str, str]) -> str:
    """Return what a word stands for, of those in ``known``.

    Raises:
      BackboneError: netwright does not have what the word stands for.
    """
    value = hub.get(name, default)
    if not isinstance(value, str) or value not in known:
        raise BackboneError(f"{name} is {_shown(value)}; netwright has {listed(known)}")
    return known[value]


def only(hub: Hub, name: str, value: Any) -> None:
    """Refuse a setting that is there and is not the one that netwright has."""
    if hub.get(name, value) != value:
        raise BackboneError(f"{name} is {_shown(hub[name])}; netwright has only {_shown(value)}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
