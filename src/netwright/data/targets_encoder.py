"""The way of several targets into numbers and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import ControlError, DataError
from netwright.core.names import listed
from netwright.data.target import as_vector
from netwright.data.target_encoder import TargetEncoder
from netwright.data.targets import MULTITASK, Targets, known_in, parted


@dataclass(frozen=True)
class TargetsEncoder:
    """Several targets side by side, each with an encoder of its own.

    Attributes:
      parts: the encoder of each target by its name, in the order of the columns.
    """

    parts: dict[str, TargetEncoder]

    task = MULTITASK
    classes = None

    @classmethod
    def fit(cls, targets: Targets, rows: NDArray[np.int64], *, normalize: bool) -> "TargetsEncoder":
        """Fit on the training rows; ``normalize`` standardizes each regression target.

        Raises:
          DataError: no training row has one of the targets.
        """
        encoders: dict[str, TargetEncoder] = {}
        for part in parted(targets, rows):
            count = len(part.values)
            if count == 0:
                raise DataError(
                    f"target '{part.name}' is missing in all {len(rows)} training rows; leave it out"
                )
            encoders[part.name] = TargetEncoder.fit(part, np.arange(count), normalize=normalize)
        return cls(encoders)

    @property
    def n_out(self) -> int:
        """Outputs of a network for all targets."""
        return sum(part.n_out for part in self.parts.values())

    @property
    def heads(self) -> tuple[tuple[str, int], ...]:
        """(name, outputs) of each target: the columns of the outputs, one target after another."""
        return tuple((name, part.n_out) for name, part in self.parts.items())

    def apart(self, outputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Return the outputs of each target of outputs (m, n_out): (m,), or (m, K) for more than two classes."""
        found: dict[str, NDArray[Any]] = {}
        start = 0
        for name, part in self.parts.items():
            own = outputs[:, start : start + part.n_out]
            found[name] = own if part.task == "multiclass" else own[:, 0]
            start += part.n_out
        return found

    def encode(self, values: Any, *, source: str = "target") -> NDArray[np.float32]:
        """Return (m, T) codes or scaled numbers of targets by name, NaN where one is None or NaN.

        Args:
          values: vectors (m,) by name: a dictionary, or a frame with a column for each target.
          source: the file or argument, for messages.

        Raises:
          DataError: a target is not there, their lengths differ, or one cannot be encoded.
        """
        found: list[str] = [str(name) for name in getattr(values, "columns", values)]
        missing = [name for name in self.parts if name not in found]
        if missing or not (isinstance(values, Mapping) or hasattr(values, "columns")):
            raise DataError(
                f"{source}: expected the targets {listed(self.parts)} by name, found "
                f"{listed(found) if not missing or len(missing) < len(self.parts) else type(values).__name__}"
            )
        columns = [self._column(name, values[name], source) for name in self.parts]
        if len({len(column) for column in columns}) > 1:
            raise DataError(f"{source}: the targets have unlike numbers of rows")
        return np.stack(columns, axis=1)

    def _column(self, name: str, values: Any, source: str) -> NDArray[np.float32]:
        vector = as_vector(values, f"{source}: target '{name}'")
        known = known_in(vector)
        column = np.full(len(vector), np.nan, np.float32)
        if known.any():
            # Gaps are filled for the time being: a message then counts rows as the user does.
            whole = vector.copy()
            whole[~known] = vector[known][0]
            column[known] = self.parts[name].encode(whole, source=f"{source}: target '{name}'")[known]
        return column

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return what :meth:`encode` does of the values (m, T) of :class:`~netwright.data.targets.Targets`."""
        columns = [part.scaled(values[:, i]) for i, part in enumerate(self.parts.values())]
        return np.stack(columns, axis=1).astype(np.float32)

    def decode_classes(self, codes: Any) -> NDArray[Any]:
        """Raise ControlError: outputs are read target by target."""
        raise self._one_by_one()

    def decode_values(self, z: Any) -> NDArray[np.float64]:
        """Raise ControlError: outputs are read target by target."""
        raise self._one_by_one()

    def _one_by_one(self) -> ControlError:
        names = list(self.parts)
        return ControlError(f"the outputs are those of {len(names)} targets; take one: run.of({names[0]!r})")

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as JSON; :func:`target_encoder_of` reads it back."""
        return {"task": MULTITASK, "targets": {name: part.to_json() for name, part in self.parts.items()}}


def target_encoder_of(fields: dict[str, Any]) -> TargetEncoder | TargetsEncoder:
    """Read the encoder of one target, or of several, from JSON."""
    if fields["task"] != MULTITASK:
        return TargetEncoder.from_json(fields)
    return TargetsEncoder({name: TargetEncoder.from_json(part) for name, part in fields["targets"].items()})
