"""What a pretrained backbone gains over training from scratch, over the number of training rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from netwright.diagnose.interval import Interval
from netwright.diagnose.paired import change


@dataclass(frozen=True)
class Gain:
    """Errors from scratch and by transfer, of networks that learned from the same rows.

    Attributes:
      metric: "error" or "mse".
      transfer: "features" or "finetune"; backbone: its name.
      sizes: (k,) training rows, ascending.
      scratch, transferred: for each size the dev error of each seed.
      gains: for each size the error from scratch minus that by transfer.
    """

    metric: Literal["error", "mse"]
    transfer: str
    backbone: str
    sizes: tuple[int, ...]
    scratch: tuple[tuple[float, ...], ...]
    transferred: tuple[tuple[float, ...], ...]
    gains: tuple[Interval, ...]

    @property
    def equivalent(self) -> dict[int, int | None]:
        """For each size the fewest rows, of those measured, from which scratch is as good; None: not even all are."""
        means = [float(np.mean(errors)) for errors in self.scratch]
        found: dict[int, int | None] = {}
        for size, errors in zip(self.sizes, self.transferred, strict=True):
            reached = (n for n, mean in zip(self.sizes, means, strict=True) if mean <= np.mean(errors))
            found[size] = next(reached, None)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and lists; :meth:`from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Gain":
        """Read what :meth:`to_json` wrote."""
        read: dict[str, Any] = {
            name: tuple(tuple(float(error) for error in errors) for errors in fields[name])
            for name in ("scratch", "transferred")
        }
        read["sizes"] = tuple(int(size) for size in fields["sizes"])
        read["gains"] = tuple(Interval(**gain) for gain in fields["gains"])
        return cls(**{**fields, **read})

    def __str__(self) -> str:
        lines = [f"{'rows':>9}  {'from scratch':>12}  {self.transfer:>12}  gain in {self.metric}"]
        lines += [
            f"{size:>9,}  {np.mean(a):>12.4g}  {np.mean(b):>12.4g}  {gain}"
            for size, a, b, gain in zip(self.sizes, self.scratch, self.transferred, self.gains, strict=True)
        ]
        return "\n".join(lines)


def gain_of(
    sizes: Sequence[int],
    scratch: Sequence[np.ndarray],
    transferred: Sequence[np.ndarray],
    *,
    metric: Literal["error", "mse"],
    transfer: str,
    backbone: str,
    confidence: float = 0.9,
) -> Gain:
    """Return the gain with its intervals, in which the noise of seeds and that of dev rows are counted.

    Args:
      sizes: (k,) training rows.
      scratch, transferred: for each size (seeds, m), the error of each network on each dev row, in pairs.
      metric, transfer, backbone: as in :class:`Gain`; confidence: of the intervals.
    """
    gains = [
        change(np.asarray(a) - np.asarray(b), confidence=confidence).interval
        for a, b in zip(scratch, transferred, strict=True)
    ]
    return Gain(
        metric, transfer, backbone, tuple(sizes), _by_seed(scratch), _by_seed(transferred), tuple(gains)
    )


def _by_seed(errors: Sequence[np.ndarray]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(one) for one in np.mean(of_size, axis=1)) for of_size in errors)
