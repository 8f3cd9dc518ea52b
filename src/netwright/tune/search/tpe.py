"""Tree-structured Parzen estimator."""

from functools import lru_cache
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from netwright.tune.search._search import Search
from netwright.tune.space import Space


class _Tpe(BaseSampler):
    """Optuna's, with the random numbers of a trial made of the seed and its number instead of what was asked before."""

    def __init__(self, seed: int) -> None:
        @lru_cache(maxsize=1)
        def of_number(number: int) -> TPESampler:
            own = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
            return TPESampler(seed=own, multivariate=True, constant_liar=True)

        self._of_number = of_number

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return the dimensions that all finished trials have."""
        return self._of_number(trial.number).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the values of these together."""
        return self._of_number(trial.number).sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return the value of one that only some have."""
        return self._of_number(trial.number).sample_independent(study, trial, param_name, param_distribution)


def sampler(space: Space, seed: int, trials: int) -> BaseSampler:
    """Return the sampler of points that are likely among the good trials and unlikely among the others.

    Two densities are estimated, l(x) of the best trials and g(x) of the rest, trials at work among the rest (the
    constant liar); of some points drawn from l, the one with the largest l(x)/g(x) is taken. The first ten are random.

    Reference: Bergstra et al., "Algorithms for hyper-parameter optimization", 2011; Watanabe, "Tree-structured Parzen
    estimator: understanding its algorithm components", 2023.
    """
    del space, trials  # Optuna learns the space from what is asked
    return _Tpe(seed)


tpe = Search(sampler, adaptive=True)
