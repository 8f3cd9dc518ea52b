"""A module taken apart: what is static, and its numbers as flat dictionaries.

Parameters are named by their dotted path (``"hidden.0.linear.kernel"``). The same names stand in weight files,
traces and messages, and a flat dictionary is the pytree that a compiled call takes in the least time.
"""

from dataclasses import dataclass
from typing import Any

import jax
from flax import nnx

from netwright.nn.dropout import DropoutRate

Arrays = dict[str, jax.Array]
Path = tuple[Any, ...]


@dataclass(frozen=True)
class Skeleton:
    """The static part of a module; equal modules have equal skeletons.

    Attributes:
      graphdef: NNX's graph definition.
      params: paths of the parameters (``nnx.Param``).
      rest: paths of all other state: running averages, random streams, dropout rates.
      dropout_rates: names of the dropout rates within ``rest``.
      averages: names of the running averages of batch normalization within ``rest``.
    """

    graphdef: nnx.GraphDef
    params: tuple[Path, ...]
    rest: tuple[Path, ...]
    dropout_rates: tuple[str, ...]
    averages: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(name_of(path) for path in self.params)

    def merge(self, params: Arrays, rest: Arrays) -> nnx.Module:
        """Put a module together; its writes touch neither dictionary."""
        states = (nnx.State(_nested(self.params, params)), nnx.State(_nested(self.rest, rest)))
        # copy=True: since Flax 0.11.2 a write to state merged without a copy fails under jax.grad (flax#5050).
        return nnx.merge(self.graphdef, *states, copy=True)

    def rest_of(self, module: nnx.Module) -> Arrays:
        """Return the module's non-parameter state."""
        return _flat(nnx.split(module, nnx.Param, ...)[2])


def split(module: nnx.Module) -> tuple[Skeleton, Arrays, Arrays]:
    """Return (skeleton, params, rest); merging them gives the module back, in training mode."""
    module.train()
    graphdef, params, rest = nnx.split(module, nnx.Param, ...)
    flat = nnx.to_flat_state(rest)
    rates = tuple(name_of(path) for path, variable in flat if isinstance(variable, DropoutRate))
    averages = tuple(name_of(path) for path, variable in flat if isinstance(variable, nnx.BatchStat))
    paths = tuple(path for path, _ in nnx.to_flat_state(params))
    skeleton = Skeleton(graphdef, paths, tuple(path for path, _ in flat), rates, averages)
    return skeleton, _flat(params), _flat(rest)


def name_of(path: Path) -> str:
    """Return the dotted name of a path."""
    return ".".join(str(part) for part in path)


def _flat(state: Any) -> Arrays:
    return {name_of(path): variable.get_value() for path, variable in nnx.to_flat_state(state)}


def _nested(paths: tuple[Path, ...], arrays: Arrays) -> dict[Any, Any]:
    tree: dict[Any, Any] = {}
    for path in paths:
        branch = tree
        for part in path[:-1]:
            branch = branch.setdefault(part, {})
        branch[path[-1]] = arrays[name_of(path)]
    return tree
