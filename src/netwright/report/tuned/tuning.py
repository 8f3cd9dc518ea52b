"""What the page of a study is made from, as plain records."""

from functools import cached_property
from typing import Any

import polars as pl

from netwright.core.controls import Controls
from netwright.report.words import cut
from netwright.tune.dimensions import Dimension
from netwright.tune.sensitivity import Profile, Sensitivity, profiles_of
from netwright.tune.study import Study


class Tuning:
    """A study to be shown; what takes a while to find is found once.

    Attributes:
      trials: a row a trial; points: the hyperparameters of each, by its number.
      metric: "error" or "mse", of the rows that decide.
    """

    def __init__(self, study: Study) -> None:
        self.study, self.name, self.search, self.metric = study, study.name, study.search, study.metric
        self.trials = study.trials
        self.points = dict(zip(study.trials["number"].to_list(), study.points, strict=True))

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """How much each hyperparameter matters."""
        return self.study.sensitivity()

    @cached_property
    def train_profiles(self) -> dict[str, Profile]:
        """How the training error follows each hyperparameter."""
        return profiles_of(self.study.points, self.trials["train"].to_list(), self.study.space)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The trials that have a value, in order."""
        return self.trials.filter(pl.col("value").is_finite()).to_dicts()

    @cached_property
    def ranked(self) -> list[dict[str, Any]]:
        """Those that can be the best, from the best on."""
        return self.study.ranked.to_dicts()

    @cached_property
    def ordered(self) -> list[dict[str, Any]]:
        """All trials that have a value: those that can be the best from the best on, then the others by value."""
        numbers = {row["number"] for row in self.ranked}
        others = [row for row in self.rows if row["number"] not in numbers]
        return [*self.ranked, *sorted(others, key=lambda row: row["value"])]

    @property
    def controls(self) -> Controls | None:
        """The controls of the best trial, or None when no trial has a value."""
        return self.study.best_controls if self.ranked else None

    @cached_property
    def dimensions(self) -> dict[str, Dimension]:
        """The hyperparameters, the most important first."""
        rank, dimensions = self.sensitivity.importances, self.study.space.dimensions
        return {name: dimensions[name] for name in sorted(dimensions, key=lambda name: -rank.get(name, 0))}

    def setting(self, row: dict[str, Any]) -> str:
        """Return the values of a trial's hyperparameters in words."""
        point = self.points[row["number"]]
        return ", ".join(
            f"{short(name)} {value_words(point[name])}" for name in self.dimensions if name in point
        )


def pruned(row: dict[str, Any]) -> bool:
    """Whether a trial was stopped before its end."""
    return row["state"] == "PRUNED"


def short(name: str) -> str:
    """Return the name of a control without its group."""
    return name.partition(".")[2] or name


def value_words(value: Any) -> str:
    """Return a value of a hyperparameter in a few letters."""
    return f"{value:.4g}" if isinstance(value, float) else cut(value, 24)
