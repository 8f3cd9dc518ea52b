"""Orthogonality: what each control moves, and whether it does so whatever the others are (AR-5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from netwright.core.controls import Controls
from netwright.core.errors import ControlError, TrainingError
from netwright.data.dataset import Dataset
from netwright.data.targets import require_one
from netwright.diagnose.finding import Prescription
from netwright.diagnose.interval import Interval
from netwright.diagnose.paired import change
from netwright.improve.design import two_level
from netwright.improve.verify import applied
from netwright.measure.trial import Trial, train_trials

ERRORS = ("train", "dev")


@dataclass(frozen=True)
class Orthogonality:
    """Main effects and interactions of controls.

    Attributes:
      levels: control → (low, high).
      cells, seeds: how many settings were trained, with how many seeds each.
      main: control → {"train": interval, "dev": interval}: the mean change of the error from low to high.
      interactions: (control, control) → the same: half of how much more the error changes with the one when the
        other is high than when it is low. 0 where the two are orthogonal.
    """

    levels: dict[str, tuple[Any, Any]]
    cells: int
    seeds: int
    main: dict[str, dict[str, Interval]]
    interactions: dict[tuple[str, str], dict[str, Interval]]

    @property
    def frame(self) -> pl.DataFrame:
        """A row an effect: control, other (null for a main effect), error, low, estimate, high."""
        effects = [(name, None, found) for name, found in self.main.items()]
        effects += [(one, other, found) for (one, other), found in self.interactions.items()]
        rows = [
            (one, other, error, found[error].low, found[error].estimate, found[error].high)
            for one, other, found in effects
            for error in ERRORS
        ]
        names = {"control": pl.String, "other": pl.String, "error": pl.String}
        ends = dict.fromkeys(("low", "estimate", "high"), pl.Float64)
        return pl.DataFrame(rows, schema=names | ends, orient="row")

    def matrix(self, error: str = "dev") -> pl.DataFrame:
        """Return the square of estimates: main effects on the diagonal, interactions beside it.

        Args:
          error: "train" or "dev".
        """
        columns = {
            column: [self._effect(row, column)[error].estimate for row in self.levels]
            for column in self.levels
        }
        return pl.DataFrame({"control": list(self.levels)} | columns)

    def _effect(self, one: str, other: str) -> dict[str, Interval]:
        if one == other:
            return self.main[one]
        return self.interactions[(one, other) if (one, other) in self.interactions else (other, one)]

    def __str__(self) -> str:
        names = {name: chr(65 + place) for place, name in enumerate(self.levels)}
        lines = [
            f"{letter} = {name}: {self.levels[name][0]} → {self.levels[name][1]}"
            for name, letter in names.items()
        ]
        for error in ERRORS:
            lines += ["", f"change of the {error} error (diagonal: alone; beside it: interaction; * not 0)"]
            lines += [" " * 3 + "".join(f"{letter:>25}" for letter in names.values())]
            for row, letter in names.items():
                cells = [self._effect(row, column)[error] for column in names]
                lines.append(f"{letter:<3}" + "".join(f"{_cell(found):>25}" for found in cells))
        return "\n".join(lines)


def orthogonality(
    ds: Dataset,
    levels: Mapping[str, tuple[Any, Any]],
    controls: Controls | None = None,
    *,
    seeds: int = 3,
    confidence: float = 0.9,
) -> Orthogonality:
    """Train every cell of a two-level factorial experiment and return the effects on the train and dev error.

    With the levels coded s = ±1, the effect of control j is 2·mean(s_j · error) and the interaction of j and k is
    2·mean(s_j · s_k · error), over cells. The contrast is taken for each seed and row before averaging, as all
    cells share both; the interval counts the noise of seeds and rows.

    Args:
      ds: what to learn.
      levels: "group.name" → (low, high), 2 to 8 of them; more than four are trained as a fraction.
      controls: what the cells have in common.
      seeds: trainings a cell.
      confidence: of the intervals.

    Raises:
      ControlError: a control is unknown, or there are too few or too many.
      TrainingError: a cell diverged, which the message names.
    """
    require_one(ds.labels.names, "orthogonality")
    names = list(levels)
    for name, pair in levels.items():
        if len(pair) != 2:
            raise ControlError(f"orthogonality: {name}: found {pair!r}, expected (low, high)")
    design = two_level(len(names))
    cells = [_cell_controls(controls or Controls(), levels, signs) for signs in design]
    trials = train_trials(ds, [(cell, seed) for cell in cells for seed in range(seeds)])
    for trial in trials:
        if not trial.finite:
            raise TrainingError(
                f"orthogonality: the cell {_levels_of(trial, names)} diverged; choose lower levels"
            )
    tables = {error: _table(trials, error, len(cells)) for error in ERRORS}

    def effect(*columns: int) -> dict[str, Interval]:
        signs = design[:, list(columns)].prod(axis=1)
        return {
            error: change(np.tensordot(signs * 2 / len(cells), table, axes=1), confidence=confidence).interval
            for error, table in tables.items()
        }

    return Orthogonality(
        dict(levels),
        len(cells),
        seeds,
        main={name: effect(place) for place, name in enumerate(names)},
        interactions={
            (names[one], names[other]): effect(one, other)
            for one, other in combinations(range(len(names)), 2)
        },
    )


def _cell_controls(controls: Controls, levels: Mapping[str, tuple[Any, Any]], signs: np.ndarray) -> Controls:
    settings = {name: pair[int(sign > 0)] for (name, pair), sign in zip(levels.items(), signs, strict=True)}
    return applied(controls, Prescription("cell", settings))


def _table(trials: list[Trial], error: str, cells: int) -> np.ndarray:
    rows = np.stack([getattr(trial, error) for trial in trials])
    return rows.reshape(cells, -1, rows.shape[1])


def _levels_of(trial: Trial, names: list[str]) -> str:
    fields = trial.controls.model_dump()
    found: dict[str, Any] = {}
    for name in names:
        value: Any = fields
        for part in name.split("."):
            value = value[part]
        found[name] = value
    return ", ".join(f"{name}={value}" for name, value in found.items())


def _cell(found: Interval) -> str:
    return f"{found.estimate:+.3g} [{found.low:.2g}, {found.high:.2g}]{'*' if found.excludes_zero else ' '}"
