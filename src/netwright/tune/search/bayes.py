"""Bayesian search with a Gaussian process."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from threadpoolctl import threadpool_limits

from netwright.tune.search._cube import Cube, Shares
from netwright.tune.search._gaussian_process import Belief, Numbers, fitted_kernel
from netwright.tune.search._points import PointSampler
from netwright.tune.search._search import Search
from netwright.tune.search.quasi import sobol
from netwright.tune.space import Point, Space

START = 8
"""Trials that have ended before the process is asked, if the space has no more than so many dimensions."""
MOST = 300
"""Trials that the process is fitted to: its cost grows with their cube."""
CANDIDATES = 1024
ROUNDS = (0.1, 0.03, 0.01)
"""How far candidates are moved in each round of improving them."""


def sampler(space: Space, seed: int, trials: int) -> PointSampler:
    """Return the sampler of the points with the largest log expected improvement.

    A Gaussian process with a Matérn 5/2 kernel and noise is fitted to the values of the finished trials. Trials at work
    count as if their value were the mean of the finished (the constant liar), so that a batch asked at once spreads.
    Failed trials count as the worst value; values above the median count as at most as far above it as the best is
    below: how bad the bad ones are does not matter, and must not blur what is good. The first trials are of a Sobol
    sequence.

    Reference: Jones et al., "Efficient global optimization of expensive black-box functions", 1998; Snoek et al.,
    "Practical Bayesian optimization of machine learning algorithms", 2012; Ginsbourger et al., "Kriging is well-suited
    to parallelize optimization", 2010 (constant liar).
    """
    del trials  # it takes each as if it were the last
    return PointSampler(space, _Draw(Cube(space), seed))


class _Draw:
    def __init__(self, cube: Cube, seed: int) -> None:
        self._cube, self._seed = cube, seed
        self._fitted: tuple[list[int], Any] = ([], None)

    def __call__(self, study: Study, number: int) -> Point:
        states = (TrialState.COMPLETE, TrialState.FAIL, TrialState.RUNNING)
        asked = [trial for trial in study.get_trials(deepcopy=False, states=states) if trial.params]
        ended = [trial for trial in asked if trial.state != TrialState.RUNNING]
        if sum(trial.state == TrialState.COMPLETE for trial in ended) < max(START, self._cube.size + 1):
            return self._cube.point(sobol(self._cube.size, self._seed, number))
        # Matrices this small are slower on several threads.
        with threadpool_limits(1):
            return self._drawn(number, _most_telling(ended), asked)

    def _drawn(self, number: int, ended: list[FrozenTrial], asked: list[FrozenTrial]) -> Point:
        generator = np.random.default_rng([self._seed, number])
        shares, values = self._cube.shares([trial.params for trial in ended]), standardized(ended)
        kernel = self._kernel([trial.number for trial in ended], self._cube.features(shares), values)
        at_work = [
            trial.params for trial in asked if trial.state == TrialState.RUNNING and trial.number != number
        ]
        known = np.concatenate([shares, self._cube.shares(at_work)])
        lies = np.zeros(len(at_work))  # the mean of standardized values
        belief = Belief(kernel, self._cube.features(known), np.concatenate([values, lies]))
        return self._cube.point(self._best(belief, shares[np.argsort(values)[:3]], generator))

    def _kernel(self, numbers: list[int], x: Numbers, y: Numbers) -> Any:
        """Return the kernel, fitted once for the points of a batch."""
        if self._fitted[0] != numbers:
            self._fitted = numbers, fitted_kernel(x, y)
        return self._fitted[1]

    def _best(self, belief: Belief, incumbents: Shares, generator: np.random.Generator) -> Shares:
        candidates = generator.random((CANDIDATES, self._cube.size))
        for step in ROUNDS:
            candidates = np.concatenate([candidates, _moved(incumbents, step, generator)])
            gains = belief.log_expected_improvement(self._cube.features(candidates))
            # The incumbents of the next round are the best candidates of this one.
            incumbents = candidates = candidates[np.argsort(-gains, kind="stable")[:8]]
        return candidates[0]


def standardized(ended: Sequence[FrozenTrial]) -> Numbers:
    """Return the trials' values with mean 0 and variance 1, (n,), failures and bad ones as :func:`sampler` says."""
    finite = [trial.value for trial in ended if trial.value is not None]
    values = np.array([max(finite) if trial.value is None else trial.value for trial in ended])
    median = float(np.median(finite))
    values = np.minimum(values, 2 * median - min(finite))
    deviation = float(values.std())
    return (values - values.mean()) / (deviation if deviation > 0 else 1.0)


def _most_telling(ended: list[FrozenTrial]) -> list[FrozenTrial]:
    """Return at most so many trials as the process bears: half of them the best, half the latest of the rest."""
    if len(ended) <= MOST:
        return ended
    ranked = sorted(ended, key=lambda trial: np.inf if trial.value is None else trial.value)
    best, rest = ranked[: MOST // 2], sorted(ranked[MOST // 2 :], key=lambda trial: trial.number)
    return sorted(best + rest[-(MOST - MOST // 2) :], key=lambda trial: trial.number)


def _moved(shares: Shares, step: float, generator: np.random.Generator) -> Shares:
    """Return each point 32 times with about half of its coordinates moved; one in ten goes anywhere."""
    many = np.repeat(shares, 32, axis=0)
    near = np.clip(many + generator.normal(scale=step, size=many.shape), 0.0, 1.0)
    moved = np.where(generator.random(many.shape) < 0.1, generator.random(many.shape), near)
    return np.where(generator.random(many.shape) < 0.5, moved, many)


bayes = Search(sampler, adaptive=True)
