"""What ``compare`` returns: the alternatives in order, and what tells them apart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from netwright.compare.entry import COMPLEMENTS, Entry, dev_errors, metric_of
from netwright.core import lazy
from netwright.core.controls import Controls

RATE = "optimization.learning_rate"


@dataclass(frozen=True)
class Comparison:
    """Alternatives side by side; the lowest dev error comes first.

    Attributes:
      name: of the data.
      entries: the alternatives.
      level: the dev error that the steps are counted to.
      how: what makes them comparable, in words.
    """

    name: str
    entries: tuple[Entry, ...]
    level: float
    how: str

    report = lazy.Method("netwright.report.compared.report:report")
    """See :func:`netwright.report.compared.report.report`."""

    @property
    def metric(self) -> str:
        """ "error", a share of rows, or "1 − R²"."""
        histories = (history for entry in self.entries for history in entry.histories)
        return next((COMPLEMENTS[metric] for metric in map(metric_of, histories) if metric), "error")

    @property
    def best(self) -> Entry:
        """The alternative with the lowest mean dev error."""
        return self.entries[0]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """A row an alternative.

        alternative, learning_rate, error with low and high, difference to the best with its ends, steps to the level
        (the median over seeds, null when most never reach it), reached (how many seeds did), spread over seeds,
        relapse, diverged, seeds.
        """
        return pl.DataFrame([self._row(entry) for entry in self.entries], infer_schema_length=None)

    @cached_property
    def curves(self) -> pl.DataFrame:
        """A row an epoch and training: alternative, seed, epoch, step, train_loss, dev_loss, dev_error."""
        frames = [
            history.select(
                pl.lit(entry.name).alias("alternative"),
                pl.lit(seed).alias("seed"),
                "epoch",
                "step",
                pl.col("train_loss", "dev_loss").cast(pl.Float64),
                pl.Series("dev_error", dev_errors(history)),
            )
            for entry in self.entries
            for seed, history in zip(entry.seeds, entry.histories, strict=True)
            if len(history)
        ]
        return pl.concat(frames) if frames else pl.DataFrame()

    @property
    def differences(self) -> dict[str, dict[str, Any]]:
        """Alternative → the controls in which not all are equal, but for the learning rate."""
        fields = {entry.name: flat(entry.controls) for entry in self.entries}
        names = [name for name in unequal(list(fields.values())) if name != RATE]
        return {entry: {name: one[name] for name in names if name in one} for entry, one in fields.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the table, the controls that differ and the curves as plain data."""
        return {
            "data": self.name,
            "metric": self.metric,
            "level": self.level,
            "how": self.how,
            "alternatives": self.frame.to_dicts(),
            "differences": self.differences,
            "rates": {
                entry.name: {"rates": entry.search.rates.tolist(), "errors": entry.search.errors.tolist()}
                for entry in self.entries
                if entry.search is not None
            },
            "curves": self.curves.to_dict(as_series=False),
        }

    def _row(self, entry: Entry) -> dict[str, Any]:
        steps, found = entry.steps_to(self.level), entry.interval
        middle, apart = float(np.median(steps)), entry.minus(self.best)
        return {
            "alternative": entry.name,
            "learning_rate": float(entry.controls.optimization.learning_rate),
            "error": found.estimate,
            "low": found.low,
            "high": found.high,
            "difference": None if apart is None else apart.interval.estimate,
            "difference_low": None if apart is None else apart.interval.low,
            "difference_high": None if apart is None else apart.interval.high,
            "steps": int(middle) if math.isfinite(middle) else None,
            "reached": int(np.isfinite(steps).sum()),
            "spread": _known(entry.spread),
            "relapse": _known(entry.relapse),
            "diverged": entry.diverged,
            "seeds": len(entry.seeds),
        }

    def __repr__(self) -> str:
        return f"Comparison({self.name!r}, {len(self.entries)} alternatives, best {self.best.name!r})"

    def __str__(self) -> str:
        return str(self.frame)


def ordered(name: str, entries: list[Entry], level: float | None, how: str) -> Comparison:
    """Return the comparison of entries: lowest mean error first, the diverged last.

    Without a level it is one that every training of half of the alternatives reaches.
    """
    entries = sorted(entries, key=lambda entry: (entry.diverged, float(entry.ends.mean())))
    if level is None:
        lowest = sorted(max(errors.min(initial=math.inf) for errors in entry.errors) for entry in entries)
        level = float(lowest[len(lowest) // 2])
    return Comparison(name, tuple(entries), level, how)


def unequal(fields: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names under which not all have the same value."""
    names = dict.fromkeys(name for one in fields for name in one)
    return [name for name in names if len({repr(one.get(name)) for one in fields}) > 1]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def flat(controls: Controls) -> dict[str, Any]:
    """Return "group.name" → value, in as much depth as there is."""
    return _flat(controls.model_dump(mode="json"), "")


def _flat(fields: dict[str, Any], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found
