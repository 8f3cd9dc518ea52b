"""The target's way into numbers and back."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.data.places import RowError, instead, shown
from netwright.data.target import Target, as_vector


@dataclass(frozen=True)
class TargetEncoder:
    """Labels to codes, or numbers to standardized numbers; the scale is fitted on training rows only.

    Attributes:
      classes: labels in code order, in the user's own type; None for regression.
      mean, scale: a regression target y is encoded as (y − mean)/scale.
    """

    task: str
    classes: list[Any] | None = None
    mean: float = 0.0
    scale: float = 1.0

    @classmethod
    def fit(cls, target: Target, rows: NDArray[np.int64], *, normalize: bool) -> "TargetEncoder":
        """Fit on the training rows; ``normalize`` standardizes a regression target."""
        if target.classes is not None or not normalize:
            return cls(target.task, target.classes)
        values = target.values[rows]
        mean, scale = float(values.mean()), float(values.std())
        return cls(target.task, None, mean, scale if scale > 1e-12 * abs(mean) else 1.0)

    @property
    def n_out(self) -> int:
        """Outputs of a network for this target: 1, or one a class for multiclass."""
        return len(self.classes or ()) if self.task == "multiclass" else 1

    @property
    def heads(self) -> tuple[tuple[str, int], ...]:
        """Of several targets (name, outputs) of each; one target has none to tell apart."""
        return ()

    def encode(self, values: Any, *, source: str = "target") -> NDArray[Any]:
        """Return codes int32 (m,), or scaled numbers float32 (m,), of targets as a user writes them.

        A label that is not found as it is, is looked up by its spelling: a file may write 1 as "1" or 1.0.

        Raises:
          DataError: a label that training never saw, a missing one, or text where numbers were learned.
        """
        array = as_vector(values, source)
        if self.classes is None:
            return self.scaled(_numbers(array, source))
        known = {label: code for code, label in enumerate(self.classes)}
        spelled = {_spelling(label): code for label, code in known.items()}
        labels = array.tolist()
        codes = np.array([known.get(label, spelled.get(_spelling(label), -1)) for label in labels], np.int32)
        if (codes < 0).any():
            row = int(np.argmax(codes < 0))
            near = instead(str(labels[row]), map(str, self.classes))
            raise RowError(source, f"label {shown(labels[row])}", row, f" was never seen in training{near}")
        return codes

    def scaled(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return what :meth:`encode` does of the values of a :class:`~netwright.data.target.Target`."""
        return values if self.classes is not None else ((values - self.mean) / self.scale).astype(np.float32)

    def decode_classes(self, codes: Any) -> NDArray[Any]:
        """Return the user's labels of integer codes."""
        return np.asarray(self.classes)[np.asarray(codes)]

    def decode_values(self, z: Any) -> NDArray[np.float64]:
        """Return regression outputs in the target's own units: mean + scale·z."""
        return np.asarray(z, np.float64) * self.scale + self.mean

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as JSON; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "TargetEncoder":
        """Read an encoder from JSON."""
        return cls(**fields)


def _spelling(label: Any) -> str:
    text = str(label).strip()
    return text.lower() if text.lower() in ("true", "false") else text.removesuffix(".0")


def _numbers(array: NDArray[Any], source: str) -> NDArray[np.float64]:
    numbers = np.array([_number(value) for value in array.tolist()]) if array.dtype.kind in "OUS" else array
    bad = ~np.isfinite(numbers.astype(np.float64))
    if bad.any():
        row = int(np.argmax(bad))
        raise RowError(source, f"found {shown(array[row])}", row, ", expected a number as in training")
    return numbers.astype(np.float64)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (ValueError, TypeError):
        return float("nan")
