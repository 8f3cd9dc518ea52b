"""Dimensions: what one hyperparameter may be.

Searches see every dimension as a share of 0 … 1, which :meth:`at` turns into a value and :meth:`share` back. Values
are kept as Optuna stores them: numbers, words, and the JSON text of a list.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real
from typing import Any

from netwright.core.errors import ControlError

Stored = str | int | float | bool | None
"""What Optuna keeps of a value."""
When = tuple[str, Sequence[Any]]
"""(name, values): a dimension with this condition exists only where the one of that name has one of the values."""


@dataclass(frozen=True)
class Float:
    """A number from ``low`` to ``high``; with ``log``, equal ratios are equally likely.

    Raises:
      ControlError: the bounds are not finite or reversed, or a logarithm was asked of one not above 0.
    """

    low: float
    high: float
    log: bool = False
    _: KW_ONLY
    when: When | None = None

    def __post_init__(self) -> None:
        _check_bounds("Float", self.low, self.high, log=self.log)
        _set(self, low=float(self.low), high=float(self.high), when=_checked(self.when))

    def at(self, share: float) -> float:
        """Return the value at a share of the range."""
        low, high = _scaled(self.low, self.log), _scaled(self.high, self.log)
        value = low + share * (high - low)
        return min(self.high, max(self.low, math.exp(value) if self.log else value))

    def share(self, stored: Any) -> float:
        """Return where a value is in the range."""
        low, high = _scaled(self.low, self.log), _scaled(self.high, self.log)
        return (_scaled(stored, self.log) - low) / (high - low)

    def value(self, stored: Any) -> float:
        """Return a stored value as the controls take it."""
        return stored

    def levels(self, count: int) -> list[Stored]:
        """Return so many values, evenly spaced from bound to bound; one is the middle."""
        return [self.at(share) for share in _evenly(count)]


@dataclass(frozen=True)
class Int:
    """An integer from ``low`` to ``high``, both included; with ``log``, equal ratios are equally likely.

    Raises:
      ControlError: as :class:`Float`; a bound is no integer.
    """

    low: int
    high: int
    log: bool = False
    _: KW_ONLY
    when: When | None = None

    def __post_init__(self) -> None:
        _check_bounds("Int", self.low, self.high, log=self.log)
        for bound in (self.low, self.high):
            if bound != int(bound):
                raise ControlError(f"Int: found the bound {bound!r}, expected an integer")
        _set(self, low=int(self.low), high=int(self.high), when=_checked(self.when))

    def at(self, share: float) -> int:
        """Return the value at a share of the range; each integer owns the part of it around its own place."""
        return min(self.high, max(self.low, round(self._range.at(share))))

    def share(self, stored: Any) -> float:
        """Return where a value is in the range."""
        return self._range.share(stored)

    def value(self, stored: Any) -> int:
        """Return a stored value as the controls take it."""
        return stored

    def levels(self, count: int) -> list[Stored]:
        """Return at most so many different values from bound to bound; one is the middle."""
        bounds = Float(self.low, self.high, self.log)
        return list(dict.fromkeys(round(bounds.at(share)) for share in _evenly(count)))

    @property
    def _range(self) -> Float:
        return Float(self.low - 0.5, self.high + 0.5, self.log)


@dataclass(frozen=True)
class Choice:
    """One of some values, in no order: words, numbers, None, or lists.

    Raises:
      ControlError: there are none, or one is there twice.
    """

    values: Sequence[Any]
    _: KW_ONLY
    when: When | None = None

    def __post_init__(self) -> None:
        _set(self, values=_listed("Choice", self.values), when=_checked(self.when))
        # 1, 1.0 and True are one value to Optuna, which compares them.
        twice = [value for place, value in enumerate(self.stored) if value in self.stored[:place]]
        if twice:
            raise ControlError(f"Choice: found {twice[0]!r} twice among {list(self.stored)}; leave one out")

    @property
    def stored(self) -> tuple[Stored, ...]:
        """The values as Optuna stores them."""
        return tuple(as_stored(value) for value in self.values)

    def at(self, share: float) -> Stored:
        """Return the value at a share of the range, of which each owns an equal part."""
        return self.stored[min(len(self.values) - 1, int(share * len(self.values)))]

    def share(self, stored: Any) -> float:
        """Return the middle of a value's part of the range."""
        return (self.stored.index(stored) + 0.5) / len(self.values)

    def value(self, stored: Any) -> Any:
        """Return a stored value as the controls take it."""
        return self.values[self.stored.index(stored)]

    def levels(self, count: int) -> list[Stored]:
        """Return all values."""
        del count  # values without an order cannot be thinned
        return list(self.stored)


Dimension = Float | Int | Choice


def as_stored(value: Any) -> Stored:
    """Return a value as Optuna can store it: lists and groups of fields become JSON text."""
    return json.dumps(value, sort_keys=True) if isinstance(value, (tuple, dict)) else value


def to_fields(dimension: Dimension) -> dict[str, Any]:
    """Return a dimension as JSON; :func:`of_fields` reads it back."""
    fields: dict[str, Any] = {"values": dimension.values} if isinstance(dimension, Choice) else {
        "low": dimension.low, "high": dimension.high, "log": dimension.log, "int": isinstance(dimension, Int)
    }  # fmt: skip
    return fields | ({} if dimension.when is None else {"when": {dimension.when[0]: dimension.when[1]}})


def of_fields(fields: dict[str, Any]) -> Dimension:
    """Read a dimension: ``{"low": 1, "high": 9, "log": true, "int": true}`` or ``{"values": […]}``, both with ``when``.

    Raises:
      ControlError: a field is missing or unknown, or the dimension is not possible.
    """
    unknown = set(fields) - {"low", "high", "log", "int", "values", "when"}
    if unknown or ("values" in fields) == ("low" in fields or "high" in fields):
        raise ControlError(
            f"found {sorted(fields)}, expected 'low' and 'high' (with 'log', 'int', 'when') or 'values' (with 'when')"
        )
    when = fields.get("when")
    if when is not None and (not isinstance(when, dict) or len(when) != 1):
        raise ControlError(
            f"when: found {when!r}, expected one name with its values, {{optimization.rule: [adam]}}"
        )
    condition: Any = None if when is None else next(iter(when.items()))
    if "values" in fields:
        return Choice(fields["values"], when=condition)
    if "low" not in fields or "high" not in fields:
        raise ControlError(f"found {sorted(fields)}, expected both 'low' and 'high'")
    kind: Any = Int if fields.get("int", False) else Float
    return kind(fields["low"], fields["high"], fields.get("log", False), when=condition)


def _checked(when: Any) -> When | None:
    return None if when is None else (str(when[0]), _listed(f"when {when[0]}", when[1]))


def _check_bounds(kind: str, low: Any, high: Any, *, log: bool) -> None:
    for bound in (low, high):
        if isinstance(bound, bool) or not isinstance(bound, Real) or not math.isfinite(bound):
            raise ControlError(f"{kind}: found the bound {bound!r}, expected a finite number")
    if low >= high:
        raise ControlError(
            f"{kind}: found the range {low} … {high}, expected the lower bound first; "
            "a value that is always the same belongs into the controls"
        )
    if log and low <= 0:
        raise ControlError(
            f"{kind}: found the range {low} … {high} with log, which needs bounds above 0; raise {low} or drop log"
        )


def _listed(what: str, values: Any) -> tuple[Any, ...]:
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise ControlError(f"{what}: found {values!r}, expected a list of at least one value")
    return tuple(_frozen(what, value) for value in values)


def _frozen(what: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(what, each) for each in value)
    if isinstance(value, dict):
        return {str(name): _frozen(what, each) for name, each in value.items()}
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Integral):
        return int(value)  # of NumPy
    raise ControlError(f"{what}: found {value!r}, expected words, numbers, null, or lists of them")


def _scaled(value: float, log: bool) -> float:
    return math.log(value) if log else value


def _evenly(count: int) -> list[float]:
    return [0.5] if count == 1 else [place / (count - 1) for place in range(count)]


def _set(dimension: Any, **fields: Any) -> None:
    for name, value in fields.items():
        object.__setattr__(dimension, name, value)
