"""The unit cube of a space: a coordinate for each dimension, its share of the range."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.tune.dimensions import Choice, Int, as_stored
from netwright.tune.space import Point, Space

Shares = NDArray[np.float64]
ABSENT = 0.5
"""The coordinate of a dimension that does not exist beside the others."""


class Cube:
    """The cube [0, 1]^d over the d dimensions of a space.

    Attributes:
      size: d.
    """

    def __init__(self, space: Space) -> None:
        self.space, self.size = space, len(space.dimensions)

    def point(self, shares: Shares) -> Point:
        """Return the point at coordinates (d,)."""
        point: Point = {}
        for (name, dimension), share in zip(self.space.dimensions.items(), shares, strict=True):
            if self.space.holds(name, point):
                point[name] = dimension.at(float(share))
        return point

    def shares(self, points: Sequence[Point]) -> Shares:
        """Return the coordinates (n, d) of n points."""
        dimensions = self.space.dimensions.items()
        rows = [[each.share(p[name]) if name in p else ABSENT for name, each in dimensions] for p in points]
        return np.array(rows, np.float64).reshape(len(points), self.size)

    def features(self, shares: Shares) -> NDArray[np.float64]:
        """Return (n, f) numbers whose distances tell how unlike n points are: of coordinates (n, d).

        Ranges have a column, integers at their values; choices have a column a value, 1 for the one that was chosen.
        A dimension that does not exist is the same for all that lack it.
        """
        exists: dict[str, NDArray[np.bool_]] = {}
        columns: list[Any] = []
        for (name, dimension), share in zip(self.space.dimensions.items(), shares.T, strict=True):
            exists[name] = np.ones(len(shares), bool)
            if dimension.when is not None:
                on, values = dimension.when
                allowed = [as_stored(value) for value in values]
                parent = self.space.dimensions[on]
                assert isinstance(parent, Choice), "a space's conditions are on choices"
                chosen = _places(parent, shares[:, list(self.space.dimensions).index(on)])
                exists[name] = exists[on] & np.isin(chosen, [parent.stored.index(each) for each in allowed])
            if isinstance(dimension, Choice):
                hot = np.eye(len(dimension.values))[_places(dimension, share)]
                columns.append(hot * exists[name][:, None])
            else:
                column = _at_integers(dimension, share) if isinstance(dimension, Int) else share
                columns.append(np.where(exists[name], column, ABSENT)[:, None])
        return np.concatenate(columns, axis=1)


def _places(choice: Choice, shares: Shares) -> NDArray[np.intp]:
    return np.minimum((shares * len(choice.values)).astype(np.intp), len(choice.values) - 1)


def _at_integers(dimension: Int, shares: Shares) -> Shares:
    different, back = np.unique(shares, return_inverse=True)
    return np.array([dimension.share(dimension.at(float(share))) for share in different])[back]
