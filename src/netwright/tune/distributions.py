"""The space in Optuna's words."""

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

from netwright.tune.dimensions import Choice, Dimension, Float
from netwright.tune.space import Point, Space


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the distribution of every dimension by name, conditions left out: Optuna knows none."""
    return {name: _distribution(dimension) for name, dimension in space.dimensions.items()}


def suggest(space: Space, trial: Trial) -> Point:
    """Ask the trial's sampler for the value of every dimension that exists beside those before it."""
    point: Point = {}
    for name, dimension in space.dimensions.items():
        if not space.holds(name, point):
            continue
        if isinstance(dimension, Choice):
            point[name] = trial.suggest_categorical(name, dimension.stored)
        elif isinstance(dimension, Float):
            point[name] = trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
        else:
            point[name] = trial.suggest_int(name, dimension.low, dimension.high, log=dimension.log)
    return point


def _distribution(dimension: Dimension) -> BaseDistribution:
    if isinstance(dimension, Choice):
        return CategoricalDistribution(dimension.stored)
    if isinstance(dimension, Float):
        return FloatDistribution(dimension.low, dimension.high, log=dimension.log)
    return IntDistribution(dimension.low, dimension.high, log=dimension.log)
