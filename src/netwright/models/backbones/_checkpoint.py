"""How a family's published weights are named, and how they lie."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import BackboneError

Named = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """A table from published names to ours.

    Attributes:
      rules: (pattern, name) pairs: a tensor whose whole name fits the pattern becomes ``name``, in which ``\\1``
        is the pattern's first group. Names that differ only by what follows a ``#`` are parts of one array: they
        are put side by side along the last axis, in the order of that word.
      ignored: patterns of tensors that are no part of a backbone: heads, buffers, training's own.
      kernel: turns a published kernel into ours, (…, n_in, n_out).
    """

    rules: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    kernel: Callable[[NDArray[Any]], NDArray[Any]]

    def name(self, published: str) -> str | None:
        """Return our name of a published tensor, None for one that is ignored.

        Raises:
          BackboneError: no rule fits it.
        """
        for pattern, name in self.rules:
            found = re.fullmatch(pattern, published)
            if found:
                return found.expand(name)
        if any(re.fullmatch(pattern, published) for pattern in self.ignored):
            return None
        raise BackboneError(
            f"tensor '{published[:80]}' is no part of this family; the file is another model's"
        )

    def arrays(self, published: Mapping[str, NDArray[Any]]) -> Named:
        """Return the backbone's arrays, by our names, in our order of axes.

        Raises:
          BackboneError: a tensor is of no known name, or parts do not fit together.
        """
        whole: Named = {}
        parts: dict[str, Named] = {}
        for word, tensor in published.items():
            name = self.name(word)
            if name is None:
                continue
            array = self.kernel(tensor) if name.partition("#")[0].endswith(".kernel") else tensor
            name, _, part = name.partition("#")
            if part:
                parts.setdefault(name, {})[part] = array
            else:
                whole[name] = array
        for name, found in parts.items():
            try:
                whole[name] = np.concatenate([found[part] for part in sorted(found)], axis=-1)
            except ValueError as error:
                raise BackboneError(f"the parts of '{name}' do not fit together ({error})") from None
        return whole


def torch_kernel(kernel: NDArray[Any]) -> NDArray[Any]:
    """Turn PyTorch's (n_out, n_in, …receptive field) into (…receptive field, n_in, n_out)."""
    return np.moveaxis(kernel, (0, 1), (-1, -2))


def as_it_lies(kernel: NDArray[Any]) -> NDArray[Any]:
    """Leave a kernel (…, n_in, n_out) as it is."""
    return kernel
