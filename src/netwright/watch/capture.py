"""Capture: what every module and activation of a network received and returned, for any Flax NNX model.

Within :func:`capture` the ``__call__`` of the model's types is wrapped; a wrapped call of a module that is not
part of the model, or that runs in another thread, passes through untouched.
"""

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import jax
import numpy as np
from flax import nnx
from jax.extend.core import get_opaque_trace_state

from netwright.nn._activation import Activation
from netwright.nn.one_by_one import one_by_one
from netwright.nn.skeleton import name_of


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a module or an activation.

    Attributes:
      path: the module's dotted path, "" for the model itself; an activation has that of the module it ran in.
      activation: the activation, or None for a module.
      inputs: its first argument, or the last array among its arguments when that is none.
      output: its output, or the last array of it: an RNN that returns its carry, too, returns the outputs last.
    """

    path: str
    activation: Activation | None
    inputs: Any
    output: Any


C = TypeVar("C", bound=Call)


class Capture:
    """The calls of one forward pass, in the order in which they ended.

    Calls in an inner trace (the body of a scan, a vmap, a jit) are left out: their values do not exist outside.
    """

    def __init__(self, model: nnx.Module) -> None:
        self.calls: list[Call] = []
        self._model = model  # kept alive: its parts are told by their identity
        self._paths = {id(module): name_of(path) for path, module in nnx.iter_modules(model)}
        self._trace = get_opaque_trace_state(convention="nnx")
        self._open: list[tuple[int, str]] = []

    def through(self, function: Callable[..., Any], owner: Any, *args: Any, **kwargs: Any) -> Any:
        """Call ``function(owner, …)`` and note it, if it is a part of the model at the outer trace level."""
        part = isinstance(owner, Activation) or id(owner) in self._paths
        # A class's __call__ may call its base's: that is one call.
        within = any(identity == id(owner) for identity, _ in self._open)
        if not part or within or get_opaque_trace_state(convention="nnx") != self._trace:
            return function(owner, *args, **kwargs)
        around = self._open[-1][1] if self._open else ""
        path = self._paths.get(id(owner), around)
        self._open.append((id(owner), path))
        try:
            output = function(owner, *args, **kwargs)
        finally:
            self._open.pop()
        first = args[0] if args and _is_array(args[0]) else _last_array((args, kwargs))
        activation = owner if isinstance(owner, Activation) else None
        self.calls.append(Call(path, activation, first, _last_array(output)))
        return output


@contextmanager
def capture(model: nnx.Module) -> Generator[Capture]:
    """Within the block, note the calls of ``model``, its modules and their activations.

    To be opened in the trace in which the model is called. Of nested captures the innermost notes. The wrapping
    is undone whatever happens.
    """
    record = Capture(model)
    owners = _with_call({Activation, *(type(module) for _, module in nnx.iter_modules(model))})
    for owner in owners:
        _wrap(owner)
    token = _current.set(record)
    try:
        with one_by_one():
            yield record
    finally:
        _current.reset(token)
        for owner in owners:
            _unwrap(owner)


def owners_of(names: Iterable[str], calls: Iterable[C]) -> dict[str, C]:
    """Return the call that each parameter took part in: that of the nearest module around it that was called.

    Whatever runs within an inner trace counts to the module around it: the gates of a cell to their ``nnx.RNN``.
    """
    modules = {call.path: call for call in calls if call.activation is None}
    owners: dict[str, C] = {}
    for name in names:
        path = name.rpartition(".")[0]
        while path not in modules and path:
            path = path.rpartition(".")[0]
        if path in modules:
            owners[name] = modules[path]
    return owners


# ---------------------------------------------------------------------------------------------- the wrapping

_current: ContextVar[Capture | None] = ContextVar("capture", default=None)
_lock = threading.Lock()
_wrapped: dict[type, tuple[Callable[..., Any], int]] = {}
"""Original ``__call__`` of each wrapped type, and how many captures use the wrapping."""


def _with_call(types: set[type]) -> list[type]:
    """Return the types that define ``__call__`` themselves, bases included."""
    bases = {base for owner in types for base in owner.__mro__}
    return [base for base in bases if "__call__" in vars(base)]


def _wrap(owner: Any) -> None:
    with _lock:
        original, users = _wrapped.get(owner, (vars(owner)["__call__"], 0))
        _wrapped[owner] = original, users + 1
        if users == 0:
            owner.__call__ = _noting(original)


def _unwrap(owner: Any) -> None:
    with _lock:
        original, users = _wrapped.pop(owner)
        if users > 1:
            _wrapped[owner] = original, users - 1
        else:
            owner.__call__ = original


def _noting(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        record = _current.get()
        if record is None:
            return original(self, *args, **kwargs)
        return record.through(original, self, *args, **kwargs)

    return call


def _is_array(value: Any) -> bool:
    return isinstance(value, jax.Array | np.ndarray)


def _last_array(values: Any) -> Any:
    arrays = [leaf for leaf in jax.tree.leaves(values) if _is_array(leaf)]
    return arrays[-1] if arrays else None
