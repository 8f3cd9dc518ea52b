"""Random search."""

import numpy as np
from optuna.study import Study

from netwright.tune.search._cube import Cube
from netwright.tune.search._points import PointSampler
from netwright.tune.search._search import Search
from netwright.tune.space import Point, Space


def sampler(space: Space, seed: int, trials: int) -> PointSampler:
    """Return the sampler of independent uniform points.

    Where few of many dimensions matter, it tries as many values of those as there are trials, where a grid tries a
    root of it.

    Reference: Bergstra and Bengio, "Random search for hyper-parameter optimization", 2012.
    """
    del trials  # one more or less changes none of the others
    cube = Cube(space)

    def draw(study: Study, number: int) -> Point:
        return cube.point(np.random.default_rng([seed, number]).random(cube.size))

    return PointSampler(space, draw)


random = Search(sampler)
