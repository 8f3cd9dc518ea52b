"""A reader of pickles that hold tensors' descriptions: an interpreter of the few instructions they are written with.

A pickle is a program: Python's own interpreter of it imports what the file names and calls it with what the file
says. This one imports nothing and calls three functions, all of this file; any other instruction or name is refused.
"""

import pickletools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import ml_dtypes
import numpy as np

from netwright.core.errors import BackboneError

LARGEST = 64 * 2**20
"""Bytes of one pickle; the numbers themselves lie elsewhere."""
MOST = 2_000_000
"""Instructions of one pickle."""
TYPES: dict[str, Any] = {
    "DoubleStorage": np.float64,
    "FloatStorage": np.float32,
    "HalfStorage": np.float16,
    "BFloat16Storage": ml_dtypes.bfloat16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ShortStorage": np.int16,
    "CharStorage": np.int8,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}


@dataclass(frozen=True)
class Storage:
    """A run of numbers in the file: its key there, their type and count."""

    key: str
    dtype: np.dtype
    count: int


@dataclass(frozen=True)
class Tensor:
    """A window on a storage: where it begins, its shape, and the steps along its axes, in numbers."""

    storage: Storage
    start: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Pickled:
    """What one pickle holds: its value, the storages that it names, and the place after it."""

    value: Any
    storages: dict[str, Storage]
    end: int


def _dictionary(*pairs: Any) -> dict[Any, Any]:
    if pairs:
        raise ValueError("a dictionary with arguments")
    return {}


def _tensor(storage: Any, start: Any, shape: Any, steps: Any, *_: Any) -> Tensor:
    lists = isinstance(shape, tuple) and isinstance(steps, tuple) and len(shape) == len(steps) <= 16
    if not (isinstance(storage, Storage) and lists):
        raise ValueError("a tensor of other parts")
    if not all(type(one) is int and one >= 0 for one in (start, *shape, *steps)):
        raise ValueError("a tensor of other numbers")
    return Tensor(storage, start, shape, steps)


def _parameter(data: Any, *_: Any) -> Any:
    return data


CALLED: dict[str, Callable[..., Any]] = {
    "collections OrderedDict": _dictionary,
    "torch._utils _rebuild_tensor_v2": _tensor,
    "torch._utils _rebuild_parameter": _parameter,
}
NAMED = {f"torch {name}" for name in TYPES}


@dataclass(frozen=True)
class Name:
    """A name that the pickle gives; it stands for itself until it is called."""

    words: str


class Machine:
    """The stack, the places on it where lists of values begin, and the memo that a pickle works on."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self.storages: dict[str, Storage] = {}

    def step(self, instruction: str, argument: Any) -> None:
        """Do one instruction."""
        stack = self.stack
        match instruction:
            case "PROTO" | "FRAME":
                pass
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                stack.append({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[instruction])
            case "INT" | "BININT" | "BININT1" | "BININT2" | "LONG" | "LONG1" | "FLOAT" | "BINFLOAT":
                stack.append(argument)
            case "UNICODE" | "BINUNICODE" | "SHORT_BINUNICODE" | "STRING" | "BINSTRING" | "SHORT_BINSTRING":
                stack.append(argument)
            case "EMPTY_TUPLE" | "EMPTY_LIST" | "EMPTY_DICT":
                stack.append({"EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict}[instruction]())
            case "MARK":
                self.marks.append(len(stack))
            case "TUPLE":
                stack.append(tuple(self._since_mark()))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(instruction[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "APPEND":
                self._into(list).append(stack.pop())
            case "APPENDS":
                values = self._since_mark()
                self._into(list, below=0).extend(values)
            case "SETITEM":
                self._set([stack.pop(-2), stack.pop()])
            case "SETITEMS":
                self._set(self._since_mark())
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                stack.append(self.memo[argument])
            case "GLOBAL":
                if argument not in CALLED and argument not in NAMED:
                    words = str(argument).replace(" ", ".", 1)[:80]
                    raise BackboneError(
                        f"its pickle names {words}, which no tensor needs; nothing was executed"
                    )
                stack.append(Name(argument))
            case "REDUCE":
                arguments, name = stack.pop(), stack.pop()
                stack.append(CALLED[name.words](*arguments))
            case "BUILD":
                stack.pop()  # attributes of a dictionary: PyTorch writes versions of layers there
            case "BINPERSID":
                stack.append(self._storage(stack.pop()))
            case _:
                raise BackboneError(
                    f"its pickle has the instruction {instruction}, which no tensor needs; nothing was executed"
                )

    def _since_mark(self) -> list[Any]:
        place = self.marks.pop()
        values = self.stack[place:]
        del self.stack[place:]
        return values

    def _into(self, kind: type, below: int = 1) -> Any:
        found = self.stack[-1 - below]
        if type(found) is not kind:
            raise ValueError(f"found {type(found).__name__}, expected {kind.__name__}")
        return found

    def _set(self, values: list[Any]) -> None:
        keys = values[::2]
        if not all(type(key) in (str, int) for key in keys):
            raise ValueError("a key that is neither a name nor a number")
        self._into(dict, below=0).update(zip(keys, values[1::2], strict=True))

    def _storage(self, words: Any) -> Storage:
        _, kind, key, _, count = words[:5]
        if type(key) is not str or type(count) is not int or count < 0:
            raise ValueError("a storage of other parts")
        storage = Storage(key, np.dtype(TYPES[kind.words.removeprefix("torch ")]), count)
        if self.storages.setdefault(key, storage) != storage:
            raise ValueError("one storage of two kinds")
        return storage


def unpickled(content: bytes, start: int = 0) -> Pickled:
    """Return what the pickle at ``start`` holds.

    Raises:
      BackboneError: it is damaged, or asks for anything but names, numbers, dictionaries and tensors.
    """
    machine = Machine()
    instructions = islice(pickletools.genops(content[start : start + LARGEST]), MOST)
    try:
        with warnings.catch_warnings(action="ignore"):  # of what damage makes of a string's escapes
            for instruction, argument, place in instructions:
                if instruction.name == "STOP":
                    return Pickled(machine.stack.pop(), machine.storages, start + (place or 0) + 1)
                machine.step(instruction.name, argument)
    except BackboneError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise BackboneError(f"its pickle is damaged ({str(error)[:80]}); fetch the file again") from None
    raise BackboneError("its pickle is longer than any model's")
