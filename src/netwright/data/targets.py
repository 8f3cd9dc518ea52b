"""Several targets of the same rows, any of which a row may lack."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import ControlError, DataError
from netwright.core.names import listed
from netwright.data.cells import is_missing
from netwright.data.target import Target, as_vector, check_task, make_target

MULTITASK = "multitask"


@dataclass(frozen=True)
class Targets:
    """The targets of every row, as :class:`~netwright.data.target.Target` has one of them.

    Attributes:
      parts: what each target is; their values are those of the rows that have it.
      values: (m, T) float64: codes, or numbers for regression; NaN where a row lacks the target.
    """

    parts: tuple[Target, ...]
    values: NDArray[np.float64]

    task = MULTITASK
    classes = None

    @property
    def names(self) -> list[str]:
        """The names of the targets, in the order of the columns of ``values``."""
        return [part.name for part in self.parts]

    @property
    def name(self) -> str:
        """The names of the targets in words."""
        return ", ".join(self.names)

    def labels(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Return the targets of some rows by name, as the user wrote them; None or NaN where one is missing."""
        return {part.name: _labels(part, self.values[rows, i]) for i, part in enumerate(self.parts)}

    def digest(self, update: Callable[[Any], None]) -> None:
        """Feed names, tasks, classes and values to a hash."""
        for part in self.parts:
            update(f"{part.name}\0{part.task}\0{part.classes}\0".encode())
        update(np.ascontiguousarray(self.values).data)

    def strata(self) -> NDArray[np.int32]:
        """Return (m,) the stratum of each row: its class of the first target that has classes, 0 without one."""
        for i, part in enumerate(self.parts):
            if part.classes is not None:
                return np.nan_to_num(self.values[:, i] + 1).astype(np.int32)
        return np.zeros(len(self.values), np.int32)

    def of(self, name: str) -> tuple[Target, NDArray[np.int64]]:
        """Return one target, and the rows that have it; the target's values are those of these rows."""
        place = self.names.index(name)
        return self.parts[place], np.flatnonzero(~np.isnan(self.values[:, place]))

    def __str__(self) -> str:
        rows = len(self.values)
        gaps = [rows - len(part.values) for part in self.parts]
        return "\n".join(
            f"{part}; missing in {gap:,} rows" if gap else str(part)
            for part, gap in zip(self.parts, gaps, strict=True)
        )


def targets_of(parts: Sequence[Target], known: Sequence[NDArray[np.bool_]]) -> Targets:
    """Return the targets of rows.

    Args:
      parts: each target, with the values of the rows that have it.
      known: (m,) for each of them, which rows these are.
    """
    values = np.full((len(known[0]), len(parts)), np.nan)
    for i, (part, rows) in enumerate(zip(parts, known, strict=True)):
        values[rows, i] = part.values
    return Targets(tuple(parts), values)


def labels_of_parts(
    parts: Mapping[str, Any], task: str | None, source: str
) -> tuple[Target | Targets, list[int]]:
    """Return the target, or targets, of parts one after another, and the rows of each part.

    Args:
      parts: by argument (y, y_dev, y_test) a vector (m,), or a dictionary of vectors by name.
      task: of one target, or None.
      source: the data's name, for messages.

    Raises:
      DataError: the parts have other targets than the first, or as in :func:`make_target` and :func:`make_targets`.
    """
    first = parts["y"]
    if not isinstance(first, Mapping):
        check_task(task, source)
        vectors = [as_vector(values, part) for part, values in parts.items()]
        values = np.concatenate(vectors) if len(vectors) > 1 else vectors[0]
        if len(values) == 0:
            raise DataError("y: found 0 rows, expected at least one")
        return make_target(values, "y", task, source), [len(vector) for vector in vectors]
    if task not in (None, MULTITASK):
        raise DataError(f"{source}: task '{task}' goes with one target, found {len(first)}; leave it out")
    for part, given in parts.items():
        if not isinstance(given, Mapping) or set(given) != set(first):
            found = listed(map(str, given)) if isinstance(given, Mapping) else type(given).__name__
            raise DataError(f"{part}: found {found}, expected a dictionary with {listed(map(str, first))}")
    columns = {
        name: [as_vector(given[name], f"{part}['{name}']") for part, given in parts.items()] for name in first
    }
    sizes = [len(vector) for vector in next(iter(columns.values()), [])]
    whole = {name: np.concatenate(vectors) for name, vectors in columns.items()}
    return make_targets(whole, source), sizes


def make_targets(columns: Mapping[str, Any], source: str) -> Targets:
    """Return the targets of vectors (m,) by name, None or NaN where one is missing.

    Raises:
      DataError: their lengths differ, a row has no target at all, or one of them is no target.
    """
    vectors = {str(name): as_vector(values, f"y['{name}']") for name, values in columns.items()}
    lengths = {len(vector) for vector in vectors.values()}
    if len(vectors) < 2 or len(lengths) != 1:
        found = listed(f"{name} {len(vector)}" for name, vector in vectors.items())
        raise DataError(
            f"y: found rows of {found or 'no target'}; expected two targets at least, of as many rows"
        )
    known = [known_in(vector) for vector in vectors.values()]
    lacking = ~np.any(known, axis=0)
    if lacking.any():
        raise DataError(f"y: row {int(np.argmax(lacking)) + 1} has none of the targets; drop such rows")
    parts = [
        make_target(_cells(vector, rows, name, source), name, None, source)
        for (name, vector), rows in zip(vectors.items(), known, strict=True)
    ]
    return targets_of(parts, known)


def require_one(names: Sequence[str], what: str) -> None:
    """Raise ControlError where ``what`` goes with one target and there are several, naming the way to one."""
    if len(names) > 1:
        raise ControlError(
            f"{what}: goes with one target, the data has {len(names)}; read it with target={names[0]!r}, "
            f"or of a run take run.of({names[0]!r})"
        )


def known_in(vector: NDArray[Any]) -> NDArray[np.bool_]:
    """Return (m,) whether each cell holds something: not None, NaN or pandas' NA."""
    if vector.dtype.kind == "f":
        return ~np.isnan(vector)
    if vector.dtype.kind == "O":
        return np.array([not is_missing(cell) for cell in vector.tolist()], bool)
    return np.ones(len(vector), bool)


def parted(labels: Targets, rows: NDArray[np.int64]) -> list[Target]:
    """Return each target with the values of those of some rows that have it."""
    columns = labels.values[rows].T
    return [
        replace(part, values=column[~np.isnan(column)])
        for part, column in zip(labels.parts, columns, strict=True)
    ]


def _cells(vector: NDArray[Any], known: NDArray[np.bool_], name: str, source: str) -> NDArray[Any]:
    if not known.any():
        raise DataError(f"{source}: target '{name}' is missing in all {len(vector)} rows; leave it out")
    cells = vector[known]
    whole = cells.dtype.kind == "f" and bool((cells == np.floor(cells)).all()) and not known.all()
    # NaN made floats of integers: without the gaps they are integers again.
    return cells.astype(np.int64) if whole and bool((np.abs(cells) < 2**53).all()) else cells


def _labels(part: Target, values: NDArray[np.float64]) -> NDArray[Any]:
    if part.classes is None:
        return values
    found = np.full(len(values), None, object)
    known = ~np.isnan(values)
    found[known] = np.asarray(part.classes, object)[values[known].astype(np.int64)]
    return found
