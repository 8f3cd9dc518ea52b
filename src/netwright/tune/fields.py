"""The fields of the controls by their names, ``"group.field"``: which there are, and how one is set."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from netwright.core import catalog
from netwright.core.controls import Controls, Group
from netwright.core.errors import ControlError
from netwright.core.names import nearest

FIXED = ("dev_fraction", "test_fraction", "train_dev_fraction", "split", "split_column", "split_seed")
"""What decides which rows judge: trials that differ in it cannot be compared."""
FREE = {
    "optimization.options.": ("optim.rules", ("learning_rate", "weight_decay")),
    "optimization.schedule.": ("optim.schedules", ("rate", "peak", "high", "steps")),
}
"""Groups that also take the arguments of a family's members, but for those that other controls give."""


def check_field(name: str) -> None:
    """Check that trials may differ in the field of this name.

    Raises:
      ControlError: there is no such field, and the nearest is named; or it decides which rows trials are judged by.
    """
    group, _, field = name.partition(".")
    if group == "data" and field in FIXED:
        raise ControlError(
            f"{name}: decides which rows a trial is judged by, so trials that differ in it cannot be compared; "
            "set it in the controls"
        )
    names = known_fields(name)
    if name not in names:
        raise ControlError(f"{name}: no such control{nearest(name, names) or '; expected group.field'}")


def known_fields(name: str) -> list[str]:
    """Return the names of the fields that a dimension can have; of a free group's only if ``name`` is of that group."""
    names = [field for field in _fields_of(Controls, "") if field.removeprefix("data.") not in FIXED]
    for group, (family, given) in FREE.items():
        if name.startswith(group):
            names += [f"{group}{argument}" for argument in _arguments(family) if argument not in given]
    return names


@cache
def _arguments(family: str) -> tuple[str, ...]:
    """Return the arguments of a family's members; they are imported for it."""
    of_all = [inspect.signature(catalog.load(family, member)).parameters for member in catalog.names(family)]
    return tuple(dict.fromkeys(argument for arguments in of_all for argument in arguments))


def with_values(base: Controls, values: Mapping[str, Any]) -> Controls:
    """Return the controls with each named field set; groups that were left to the data come to be.

    Raises:
      ControlError: the controls refuse a value.
    """
    fields = base.model_dump()
    for name, value in values.items():
        *groups, field = name.split(".")
        place: Any = fields
        for group in groups:
            if not isinstance(place.get(group), dict):
                # "auto" or a schedule's bare name: what it says is kept as far as the group can say it.
                place[group] = {}
            place = place[group]
        place[field] = value
    return Controls(**fields)


def value_of(controls: Controls, name: str) -> Any:
    """Return the value of the field of this name, "group.field"."""
    value: Any = controls
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _fields_of(group: type[Group], prefix: str) -> list[str]:
    names: list[str] = []
    for name, field in group.model_fields.items():
        kinds: list[Any] = [field.annotation, *get_args(field.annotation)]
        inner = [kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, Group)]
        if prefix or not inner:
            names.append(f"{prefix}{name}")
        for kind in inner:
            names += _fields_of(kind, f"{prefix}{name}.")
    return names
