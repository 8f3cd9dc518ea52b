"""How much each hyperparameter matters, and how the error follows it: fANOVA and one-dimensional profiles."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from sklearn.ensemble import RandomForestRegressor

from netwright.tune.dimensions import Choice, Dimension
from netwright.tune.space import Point, Space

TREES = 64
POINTS = 25
LEAF = 2
LEAST = 8
"""Fewer trials than these tell nothing about a space."""
MIDDLE = 0.5
"""What the forest sees of a hyperparameter that a condition leaves out: nothing that would tell the condition."""
FENCE = 1.5


@dataclass(frozen=True)
class Profile:
    """How the error follows one hyperparameter, averaged over the trials' other values.

    Attributes:
      points: the values.
      middle, low, high: the mean over the forest's trees, and the ends between which 90 % of them lie.
    """

    points: tuple[Any, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Sensitivity:
    """What the trials say about the space.

    Attributes:
      importances: hyperparameter → the share of the variance of the error that it explains alone, the largest first.
      profiles: hyperparameter → its profile.
      trials: how many it was learned from.
    """

    importances: dict[str, float]
    profiles: dict[str, Profile]
    trials: int

    @property
    def interactions(self) -> float:
        """The share of the variance that no hyperparameter explains alone."""
        return max(0.0, 1 - sum(self.importances.values()))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "importances": self.importances,
            "interactions": self.interactions,
            "trials": self.trials,
            "profiles": {name: vars(profile) for name, profile in self.profiles.items()},
        }


def sensitivity(points: Sequence[Point], values: Sequence[float | None], space: Space) -> Sensitivity:
    """Return how sensitive the error is to each hyperparameter of a space.

    Importances are those of functional ANOVA on a random forest (Hutter, Hoos and Leyton-Brown, 2014), in the measure
    of the space: a logarithmic range counts by ratios. One that a condition leaves out of some trials is judged in
    those that have it, and weighs by their share. Trials stopped early count with the error they had. Errors beyond the
    upper fence of a box plot (Tukey, 1977) count as that fence: a few diverged trials do not drown the rest.

    Args:
      points: the hyperparameters of each trial, without those that a condition leaves out.
      values: the error of each; None or not finite where there is none.
      space: what was searched.

    Returns:
      the sensitivity; empty when fewer than 8 trials have a value.
    """
    seen = _Seen.of(points, values, space)
    enough = len(seen.values) >= LEAST
    return Sensitivity(
        _importances(seen) if enough else {}, _profiles(seen) if enough else {}, len(seen.values)
    )


def profiles_of(points: Sequence[Point], values: Sequence[float | None], space: Space) -> dict[str, Profile]:
    """Return the profiles alone, of any number of the trials, such as the training error."""
    seen = _Seen.of(points, values, space)
    return _profiles(seen) if len(seen.values) >= LEAST else {}


@dataclass(frozen=True)
class _Seen:
    """Trials as shares of their ranges (n, d), NaN where a condition leaves one out, and their numbers (n,)."""

    dimensions: Mapping[str, Dimension]
    shares: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, points: Sequence[Point], values: Sequence[float | None], space: Space) -> "_Seen":
        known = [
            (point, value)
            for point, value in zip(points, values, strict=True)
            if value is not None and math.isfinite(value)
        ]
        shares = [
            [one.share(point[name]) if name in point else math.nan for name, one in space.dimensions.items()]
            for point, _ in known
        ]
        numbers = np.array([value for _, value in known], np.float64)
        return cls(space.dimensions, np.array(shares), _fenced(numbers) if known else numbers)


def _profiles(seen: _Seen) -> dict[str, Profile]:
    present, filled = np.isfinite(seen.shares), np.nan_to_num(seen.shares, nan=MIDDLE)
    forest = RandomForestRegressor(TREES, min_samples_leaf=LEAF, random_state=0).fit(filled, seen.values)
    return {
        name: _profile(forest, filled[present[:, place]], place, dimension)
        for place, (name, dimension) in enumerate(seen.dimensions.items())
        if present[:, place].any()
    }


def _fenced(values: np.ndarray) -> np.ndarray:
    low, high = np.quantile(values, [0.25, 0.75])
    return np.minimum(values, high + FENCE * (high - low)) if high > low else values


def _importances(seen: _Seen) -> dict[str, float]:
    names, dimensions, present = list(seen.dimensions), seen.dimensions, np.isfinite(seen.shares)
    always = [place for place in range(len(names)) if present[:, place].all()]
    found = _fanova(
        {names[place]: dimensions[names[place]] for place in always}, seen.shares[:, always], seen.values
    )
    for place in sorted(set(range(len(names))) - set(always)):
        own, columns = present[:, place], [*always, place]
        if own.sum() >= LEAST:
            parts = {names[column]: dimensions[names[column]] for column in columns}
            within = _fanova(parts, seen.shares[own][:, columns], seen.values[own])
            found[names[place]] = within[names[place]] * float(own.mean())
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _fanova(dimensions: Mapping[str, Dimension], shares: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Return the importances of dimensions that all trials have."""
    if not dimensions or np.ptp(values) == 0:
        return dict.fromkeys(dimensions, 0.0)
    distributions = {name: _distribution(one) for name, one in dimensions.items()}
    with _silent():
        study = optuna.create_study()
    study.add_trials(
        [
            optuna.create_trial(
                params=dict(zip(dimensions, row, strict=True)), distributions=distributions, value=value
            )
            for row, value in zip(shares.tolist(), values.tolist(), strict=True)
        ]
    )
    evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=TREES, seed=0)
    found = evaluator.evaluate(study, params=list(dimensions))
    return {name: float(share) if math.isfinite(share) else 0.0 for name, share in found.items()}


@contextmanager
def _silent() -> Generator[None, None, None]:
    """Keep Optuna from telling that there is a new study: it is no study of the user's."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def _distribution(dimension: Dimension) -> BaseDistribution:
    """Return the distribution of a dimension's shares."""
    if isinstance(dimension, Choice):
        return CategoricalDistribution([dimension.share(value) for value in dimension.stored])
    return FloatDistribution(0.0, 1.0)


def _profile(forest: RandomForestRegressor, shares: np.ndarray, place: int, dimension: Dimension) -> Profile:
    points = dimension.levels(POINTS)
    at = np.repeat(shares[None], len(points), axis=0)
    at[:, :, place] = np.array([dimension.share(point) for point in points])[:, None]
    flat = at.reshape(-1, shares.shape[1])
    by_tree = np.stack(
        [tree.predict(flat).reshape(len(points), -1).mean(axis=1) for tree in forest.estimators_]
    )
    low, high = np.quantile(by_tree, [0.05, 0.95], axis=0)
    return Profile(tuple(points), *(tuple(ends.tolist()) for ends in (by_tree.mean(axis=0), low, high)))
