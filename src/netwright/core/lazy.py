"""Lazy packages: a public name is imported when it is first asked for (PEP 562)."""

import importlib
import sys
from collections.abc import Callable, Mapping
from types import MethodType, ModuleType
from typing import Any

from netwright.core import catalog
from netwright.core.names import nearest

Places = Mapping[str, str]


def members(family: str) -> dict[str, str]:
    """Return where the catalog finds a family's members: ``{"mse": "netwright.losses.mse:mse", …}``."""
    return {name: f"netwright.{family}.{name}:{name}" for name in catalog.names(family)}


def attach(package: str, places: Places) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package whose public names live at ``places``.

    A place is ``"module"`` or ``"module:attribute"``. A name may equal its file's name: the package then
    shows the attribute, never the file.
    """
    module = sys.modules[package]
    vars(module)["_places"] = places
    module.__class__ = _Package

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"{package} has no '{name}'{nearest(name, places)}")
        value = _resolve(places[name])
        setattr(module, name, value)
        return value

    def names() -> list[str]:
        return sorted(places)

    return get, names


class Method:
    """A method whose function lives in a higher room; it is imported when first asked for.

    A class low in the house so offers what is built upon it, such as ``Method("netwright.report.report:report")``.
    """

    def __init__(self, place: str) -> None:
        self.place = place

    def __get__(self, instance: Any, owner: type) -> Any:
        function = _resolve(self.place)
        return function if instance is None else MethodType(function, instance)


class _Package(ModuleType):
    """A package that shows its public names where Python would show the files of the same names."""

    def __setattr__(self, name: str, value: Any) -> None:
        place = vars(self)["_places"].get(name, "")
        # After importing losses/mse.py, Python binds the file as losses.mse, over the function.
        if not (isinstance(value, ModuleType) and ":" in place):
            super().__setattr__(name, value)


def _resolve(place: str) -> Any:
    file, _, attribute = place.partition(":")
    module = importlib.import_module(file)
    return getattr(module, attribute) if attribute else module
