"""Reading dimensions: the texts of the command line, and YAML files."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.tune.dimensions import Choice, Dimension, Float, Int, of_fields
from netwright.tune.fields import with_values

GRAMMAR = "expected low..high[:log][,int] or value|value, and perhaps ' if name=value|value' after it"
_RANGE = re.compile(r"^(?P<low>\S+?)\.\.(?P<high>[^:]*)(:(?P<flags>.*))?$")
_OWN_FIELDS = {"low", "high", "values"}


def of_texts(texts: Sequence[str]) -> dict[str, Dimension]:
    """Read ``name=…`` texts.

    Raises:
      ControlError: one is not of the grammar, or two have one name.
    """
    dimensions: dict[str, Dimension] = {}
    for text in texts:
        name, equals, said = (part.strip() for part in text.partition("="))
        if not equals or not name or not said:
            raise ControlError(
                f"--space {text}: {GRAMMAR}; such as optimization.learning_rate=1e-4..1e-1:log"
            )
        if name in dimensions:
            raise ControlError(f"--space {text}: '{name}' was given before; leave one out")
        dimensions[name] = _of_text(name, said)
    return dimensions


def of_file(path: Path) -> dict[str, Dimension]:
    """Read a YAML or JSON file of dimensions by name.

    Raises:
      ControlError: it cannot be read, or one of its dimensions is not possible; both name the file.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ControlError(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ControlError(f"{path}: is not YAML or JSON: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ControlError(f"{path}: found {type(content).__name__}, expected dimensions by name")
    dimensions: dict[str, Dimension] = {}
    for name, said in _flat(content):
        if name in dimensions:
            raise ControlError(f"{path}: '{name}' was given before; leave one out")
        try:
            dimensions[name] = _of_content(name, said)
        except ControlError as error:
            raise ControlError(f"{path}: {error}") from None
    return dimensions


def _flat(content: dict[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, said in content.items():
        if isinstance(said, dict) and not _OWN_FIELDS & set(said):
            yield from _flat(said, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", said


def _of_content(name: str, said: Any) -> Dimension:
    if isinstance(said, str):
        return _of_text(name, said)
    if isinstance(said, list):
        said = {"values": said}
    if not isinstance(said, dict):
        raise ControlError(
            f"{name}: found {said!r}, expected a range, a list of values or {{low: …, high: …}}"
        )
    # YAML takes 1e-4, which has no point, for a text.
    fields = {str(key): _value(value) if isinstance(value, str) else value for key, value in said.items()}
    return _named(name, lambda: _of_fields(name, fields))


def _of_fields(name: str, fields: dict[str, Any]) -> Dimension:
    if "low" in fields and "int" not in fields:
        fields = {**fields, "int": _counts(name, fields["low"], fields.get("high"))}
    return of_fields(fields)


def _of_text(name: str, said: str) -> Dimension:
    said, _, condition = (part.strip() for part in said.partition(" if "))
    when = None
    if condition:
        on, equals, values = (part.strip() for part in condition.partition("="))
        if not equals or not on or not values:
            raise ControlError(f"{name}: found the condition '{condition}'; {GRAMMAR}")
        when = (on, [_value(value) for value in values.split("|")])
    found = _RANGE.match(said)
    if found is None:
        return _named(name, lambda: Choice([_value(value) for value in said.split("|")], when=when))
    low, high = _value(found["low"]), _value(found["high"])
    flags = [flag.strip() for flag in found["flags"].split(",")] if found["flags"] is not None else []
    if unknown := [flag for flag in flags if flag not in ("log", "int")]:
        raise ControlError(f"{name}: found ':{unknown[0]}' after a range; {GRAMMAR}")
    kind = Int if "int" in flags or _counts(name, low, high) else Float
    return _named(name, lambda: kind(low, high, "log" in flags, when=when))


def _counts(name: str, low: Any, high: Any) -> bool:
    """Return whether the control takes integers only, and the bounds are some."""
    if type(low) is not int or type(high) is not int or "." not in name:
        return False
    try:
        with_values(Controls(), {name: low + 0.381966})
    except ControlError:
        return True
    return False


def _value(text: str) -> Any:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _named(name: str, make: Any) -> Dimension:
    try:
        return make()
    except ControlError as error:
        raise ControlError(f"{name}: {error}") from None
