"""A sampler of whole points: the way from a function of the trial's number to Optuna."""

from collections.abc import Callable
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from netwright.tune.space import Point, Space


class PointSampler(BaseSampler):
    """Draws all values of a trial at once.

    Attributes:
      draw: (study, trial's number) → its point, of the space.
    """

    def __init__(self, space: Space, draw: Callable[[Study, int], Point]) -> None:
        self._distributions: dict[str, BaseDistribution] = space.distributions()
        self.draw = draw

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return all dimensions: none is drawn alone."""
        return self._distributions

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the trial's point."""
        return self.draw(study, trial.number)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Refuse: Optuna asks this only for what the point does not have."""
        raise KeyError(param_name)
