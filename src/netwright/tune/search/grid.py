"""Grid search."""

import itertools
from collections.abc import Iterator

from optuna.study import Study

from netwright.core.errors import ControlError
from netwright.tune.dimensions import Choice, Stored
from netwright.tune.search._points import PointSampler
from netwright.tune.search._search import Search
from netwright.tune.space import Point, Space


def sampler(space: Space, seed: int, trials: int) -> PointSampler:
    """Return the sampler of all points of the finest grid that has at most so many points.

    Choices have all their values; ranges have as many levels as fit, evenly spaced (on a logarithm where asked), those
    that are first in the space one more if not all can. Ranges vary first, as what they change needs no other program.

    Raises:
      ControlError: a grid of two levels a range has more points than there are trials.
    """
    del seed  # a grid has no chance in it
    points = grid_points(space, trials)

    def draw(study: Study, number: int) -> Point:
        return points[number % len(points)]

    return PointSampler(space, draw)


def count(space: Space, trials: int) -> int:
    """Return how many points the grid has."""
    return len(grid_points(space, trials))


def grid_points(space: Space, trials: int) -> list[Point]:
    """Return the points of the grid, in order."""
    ranges = [name for name, dimension in space.dimensions.items() if not isinstance(dimension, Choice)]
    levels = dict.fromkeys(ranges, 2)
    points = _points(space, levels)
    if len(points) > trials:
        raise ControlError(
            f"grid: found {trials} trials, expected at least {len(points)} for all choices and two levels of each of "
            f"{len(ranges)} ranges; ask for more trials, or for the search 'random' or 'quasi'"
        )
    growing = list(ranges)
    while growing:
        for name in list(growing):
            finer = _points(space, levels | {name: levels[name] + 1})
            # A range of integers ends when it has all of them.
            if len(points) < len(finer) <= trials:
                levels[name], points = levels[name] + 1, finer
            else:
                growing.remove(name)
    return points


def _points(space: Space, levels: dict[str, int]) -> list[Point]:
    values = {name: each.levels(levels.get(name, 0)) for name, each in space.dimensions.items()}
    order = sorted(values, key=lambda name: name in levels)
    found = (_existing(space, dict(zip(order, chosen, strict=True))) for chosen in _product(values, order))
    return [dict(items) for items in dict.fromkeys(found)]


def _product(values: dict[str, list[Stored]], order: list[str]) -> Iterator[tuple[Stored, ...]]:
    return itertools.product(*(values[name] for name in order))


def _existing(space: Space, full: Point) -> tuple[tuple[str, Stored], ...]:
    """Return the point without the dimensions that do not exist beside the others: many become one."""
    point: Point = {}
    for name in space.dimensions:
        if space.holds(name, point):
            point[name] = full[name]
    return tuple(point.items())


grid = Search(sampler, count=count)
