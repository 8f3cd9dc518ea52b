"""What the page of a study is made from, as plain records."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from netwright.core.controls import Controls
from netwright.report.words import cut
from netwright.tune.dimensions import Dimension
from netwright.tune.sensitivity import Profile, Sensitivity, profiles_of
from netwright.tune.space import Space

if TYPE_CHECKING:
    from netwright.tune.study import Study


@dataclass(frozen=True)
class Tuning:
    """A study to be shown.

    Attributes:
      name: of the data; search: how the space was searched.
      metric: "error" or "mse", of the rows that decide.
      trials: a row a trial, by number.
      controls: those of the best trial, or None when no trial has a value.
    """

    name: str
    search: str
    metric: str
    space: Space
    trials: pl.DataFrame
    controls: Controls | None
    sensitivity: Sensitivity

    @classmethod
    def of(cls, study: "Study") -> "Tuning":
        """Return what a study holds."""
        trials = study.trials.sort("number")
        known = trials["value"].is_finite().any()
        controls = study.best_controls if known else None
        return cls(study.name, study.search, study.metric, study.space, trials, controls, study.sensitivity())

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The trials that have a value, by number."""
        return self.trials.filter(pl.col("value").is_finite()).to_dicts()

    @cached_property
    def ranked(self) -> list[dict[str, Any]]:
        """The same, lowest error first; among those that were trained to their end where there are any."""
        whole = [row for row in self.rows if not pruned(row)]
        return sorted(whole or self.rows, key=lambda row: (row["value"], row["number"]))

    @cached_property
    def train_profiles(self) -> dict[str, Profile]:
        """How the training error follows each hyperparameter."""
        if "train" not in self.trials.columns:
            return {}
        return profiles_of(self.trials, self.space, "train")

    @cached_property
    def dimensions(self) -> dict[str, Dimension]:
        """The hyperparameters of which trials have values, the most important first."""
        known = [name for name in self.space.dimensions if name in self.trials.columns]
        rank = self.sensitivity.importances
        return {
            name: self.space.dimensions[name] for name in sorted(known, key=lambda name: -rank.get(name, 0))
        }

    def setting(self, row: dict[str, Any]) -> str:
        """Return the values of a trial's hyperparameters in words."""
        found = {name: row[name] for name in self.dimensions if row[name] is not None}
        return ", ".join(f"{short(name)} {value_words(value)}" for name, value in found.items())


def pruned(row: dict[str, Any]) -> bool:
    """Whether a trial was stopped before its end."""
    return str(row["state"]).lower() == "pruned"


def short(name: str) -> str:
    """Return the name of a control without its group."""
    return name.partition(".")[2] or name


def value_words(value: Any) -> str:
    """Return a value of a hyperparameter in a few letters."""
    return f"{value:.4g}" if isinstance(value, float) else cut(value, 24)
