"""The search space: which controls trials may differ in, and within what."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netwright.core import lazy
from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.core.names import nearest
from netwright.tune.dimensions import Choice, Dimension, Float, as_stored, of_fields, to_fields
from netwright.tune.fields import check_field, with_values
from netwright.tune.parse import of_file, of_texts

Point = dict[str, Any]
"""The values of one trial by name, as Optuna stores them; dimensions whose condition does not hold are left out."""


@dataclass(frozen=True)
class Space:
    """The controls that trials may differ in, by name: ``Space({"regularization.dropout": Float(0.0, 0.5)})``.

    A name is a control's, "group.field" ("regularization.dropout", "loss", "optimization.options.beta1"). A dimension
    with ``when=("optimization.rule", ("adam", "adamw"))`` exists only where that choice was made.

    Attributes:
      dimensions: by name; a condition's own dimension comes before those that depend on it.

    Raises:
      ControlError: there is no dimension; a name is no control's; the controls refuse a bound or a value; a
        condition is on a dimension that is absent, has no such value, or depends on itself; two contradict.
    """

    dimensions: Mapping[str, Dimension]

    def __post_init__(self) -> None:
        if not self.dimensions:
            raise ControlError(
                "space: found no dimension, expected at least one, such as optimization.learning_rate=1e-4..1e-1:log"
            )
        for name, dimension in self.dimensions.items():
            check_field(name)
            _check_inside(name, self.dimensions)
            _check_values(name, dimension)
        object.__setattr__(self, "dimensions", _ordered(dict(self.dimensions)))

    @classmethod
    def parse(cls, texts: Sequence[str]) -> "Space":
        """Read dimensions as the command line writes them: ``name=low..high:log,int`` or ``name=value|value``.

        Either may end in `` if name=value|value``. Values are YAML: ``architecture.hidden=[64]|[128, 64]``. A range
        over a control that takes integers only is one of integers.
        """
        return cls(of_texts(texts))

    @classmethod
    def read(cls, path: str | Path) -> "Space":
        """Read a YAML or JSON file of names, nested or with points.

        A dimension is written as on the command line, as a list of values, or as ``{low: 1e-4, high: 0.1, log: true}``
        or ``{values: [relu, tanh]}``, with ``when: {optimization.rule: [adam, adamw]}`` if need be.
        """
        return cls(of_file(Path(path)))

    default = lazy.Method("netwright.tune.defaults:default")
    refined = lazy.Method("netwright.tune.refine:refined")
    distributions = lazy.Method("netwright.tune.distributions:distributions")
    suggest = lazy.Method("netwright.tune.distributions:suggest")

    def holds(self, name: str, point: Point) -> bool:
        """Return whether the dimension exists beside the values of those before it."""
        when = self.dimensions[name].when
        return when is None or (when[0] in point and point[when[0]] in map(as_stored, when[1]))

    def controls(self, base: Controls, point: Point) -> Controls:
        """Return the controls of a trial: ``base`` with the point's values.

        Raises:
          ControlError: a name is none of the space's, a value none of its dimension's, or the controls refuse it.
        """
        for name, stored in point.items():
            if name not in self.dimensions:
                raise ControlError(f"space: found no dimension '{name}'{nearest(name, self.dimensions)}")
            dimension = self.dimensions[name]
            if isinstance(dimension, Choice) and stored not in dimension.stored:
                raise ControlError(f"{name}: found {stored!r}, expected one of {list(dimension.stored)}")
        return with_values(
            base,
            {name: self.dimensions[name].value(point[name]) for name in self.dimensions if name in point},
        )

    def to_json(self) -> str:
        """Return the space as JSON; :meth:`from_json` reads it back."""
        return json.dumps({name: to_fields(dimension) for name, dimension in self.dimensions.items()})

    @classmethod
    def from_json(cls, text: str) -> "Space":
        """Read a space from JSON text."""
        return cls({name: of_fields(fields) for name, fields in json.loads(text).items()})


def _check_inside(name: str, dimensions: Mapping[str, Dimension]) -> None:
    for other in dimensions:
        if name.startswith(f"{other}."):
            raise ControlError(
                f"{name}: contradicts the dimension '{other}', which sets all of it; leave one out"
            )


def _check_values(name: str, dimension: Dimension) -> None:
    tried = dimension.values if isinstance(dimension, Choice) else (dimension.low, dimension.high)
    # A range of fractions over a control that takes integers shows inside only.
    within = [dimension.at(0.381966)] if isinstance(dimension, Float) else []
    for value in (*tried, *within):
        with_values(Controls(), {name: value})


def _ordered(dimensions: dict[str, Dimension]) -> dict[str, Dimension]:
    """Return the dimensions with every condition's own before those that depend on it, as given otherwise."""
    ordered: dict[str, Dimension] = {}
    waiting = dict(dimensions)
    for name, dimension in dimensions.items():
        if dimension.when is not None:
            _check_condition(name, *dimension.when, dimensions)
    while waiting:
        ready = [name for name, each in waiting.items() if each.when is None or each.when[0] in ordered]
        if not ready:
            raise ControlError(
                f"{', '.join(waiting)}: each exists only if another does, in a circle; drop a condition"
            )
        ordered[ready[0]] = waiting.pop(ready[0])
    return ordered


def _check_condition(name: str, on: str, values: Sequence[Any], dimensions: Mapping[str, Dimension]) -> None:
    other = dimensions.get(on)
    if other is None:
        raise ControlError(
            f"{name}: exists only for some values of '{on}', which is no dimension{nearest(on, dimensions)}"
        )
    if not isinstance(other, Choice):
        raise ControlError(f"{name}: its condition is on '{on}', a range; only a choice can be a condition")
    strange = [value for value in values if value not in other.values]
    if strange:
        raise ControlError(
            f"{name}: exists only if {on} is {strange[0]!r}, which it never is; it is one of {list(other.values)}"
        )
