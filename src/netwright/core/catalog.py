"""The catalog: in a family's folder, a file's name is its registered name.

``optim/rules/adam.py`` registers the rule ``adam`` by defining a function of that name; nothing else lists it.
Files that start with an underscore are helpers, not members.
"""

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest

ROOT = Path(__file__).parent.parent


@cache
def names(family: str) -> tuple[str, ...]:
    """Return the sorted names registered in a family such as ``"losses"`` or ``"optim.rules"``.

    Only the folder is looked at; no member is imported.
    """
    folder = ROOT.joinpath(*family.split("."))
    return tuple(sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")))


def check(family: str, name: str, what: str) -> str:
    """Return ``name`` if the family has it, else raise ControlError with the nearest names."""
    if name not in names(family):
        raise ControlError(
            f"{what}: '{name}' is not known{nearest(name, names(family)) or ';'} Known: {listed(names(family))}."
        )
    return name


def load(family: str, name: str) -> Any:
    """Import and return the member ``name``: the attribute of that name in the file of that name.

    Raises:
      ControlError: the family has no such member.
    """
    return getattr(module(family, name), name)


def module(family: str, name: str) -> ModuleType:
    """Import and return the member's file, for the constants beside it (such as a loss's ``TASKS``)."""
    check(family, name, family)
    return importlib.import_module(f"netwright.{family}.{name}")
