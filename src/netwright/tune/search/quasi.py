"""Quasi-random search: a Sobol sequence."""

import numpy as np
from optuna.study import Study
from scipy.stats import qmc

from netwright.tune.search._cube import Cube
from netwright.tune.search._points import PointSampler
from netwright.tune.search._search import Search
from netwright.tune.space import Point, Space


def sampler(space: Space, seed: int, trials: int) -> PointSampler:
    """Return the sampler of a scrambled Sobol sequence: uniform as random points are, without their gaps and lumps.

    Of the first 2ᵏ points, each of the 2ᵏ equal parts of every range has exactly one.

    Reference: Bousquet et al., "Critical hyper-parameters: no random, no cry", 2017; Owen, "Scrambling Sobol' and
    Niederreiter–Xing points", 1998.
    """
    del trials  # the sequence goes on
    cube = Cube(space)

    def draw(study: Study, number: int) -> Point:
        return cube.point(sobol(cube.size, seed, number))

    return PointSampler(space, draw)


def sobol(size: int, seed: int, number: int) -> np.ndarray:
    """Return the point of this number, (size,), of the sequence that the seed scrambles."""
    sequence = qmc.Sobol(size, scramble=True, rng=np.random.default_rng(seed))
    if number:  # SciPy cannot go forward by none
        sequence.fast_forward(number)
    return sequence.random(1)[0]


quasi = Search(sampler)
