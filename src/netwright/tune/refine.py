"""From coarse to fine: the part of a space in which the best trials lie."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from netwright.core.errors import ControlError
from netwright.tune.dimensions import Choice, Dimension, Float, as_stored
from netwright.tune.space import Point, Space

MARGIN = 0.05
"""The least share of a range that is kept on each side of the best."""


def refined(space: Space, points: Sequence[Point], values: Sequence[float], keep: float = 0.25) -> Space:
    """Return the smaller space around the best points.

    A range shrinks to the best points' own, and on each side by as much more as they lie apart on average: for points
    spread evenly that is the unbiased estimate of its bounds. It never grows. A choice keeps the values that the best
    points have; a dimension that exists for none of them any more is dropped.

    Args:
      space: what the points were drawn from.
      points: one a trial.
      values: what was minimized, one a trial; NaN and infinity are the worst.
      keep: the share of the points that are the best, in (0, 1]; at least one.

    Raises:
      ControlError: no point has a finite value, or ``keep`` is no such share.
    """
    if not 0 < keep <= 1:
        raise ControlError(f"refine: found keep={keep}, expected a share in (0, 1]")
    finite = [place for place, value in enumerate(values) if math.isfinite(value)]
    if not finite:
        raise ControlError("refine: no trial has a finite value, so there is no best region; widen the space")
    ranked = sorted(finite, key=lambda place: values[place])
    best = [points[place] for place in ranked[: max(1, math.ceil(keep * len(finite)))]]
    smaller: dict[str, Dimension] = {}
    for name, dimension in space.dimensions.items():
        found = [point[name] for point in best if name in point]
        if found:
            smaller[name] = _within(_narrowed(dimension, found, keep), smaller)
    return Space(smaller)


def _narrowed(dimension: Dimension, found: list[Any], keep: float) -> Dimension:
    if isinstance(dimension, Choice):
        kept = [value for value in dimension.values if as_stored(value) in found]
        return replace(dimension, values=kept)
    shares = np.array([dimension.share(value) for value in found])
    low, high = float(shares.min()), float(shares.max())
    apart = (high - low) / (len(found) - 1) if len(found) > 1 else keep / 2
    margin = max(MARGIN, apart)
    bounds = [dimension.at(max(0.0, low - margin)), dimension.at(min(1.0, high + margin))]
    if isinstance(dimension, Float):
        return replace(dimension, low=bounds[0], high=bounds[1])
    if bounds[0] == bounds[1]:
        bounds = [max(dimension.low, bounds[0] - 1), min(dimension.high, bounds[1] + 1)]
    return replace(dimension, low=int(bounds[0]), high=int(bounds[1]))


def _within(dimension: Dimension, smaller: dict[str, Dimension]) -> Dimension:
    """Return the dimension with the values of its condition that are left."""
    if dimension.when is None:
        return dimension
    on, values = dimension.when
    parent = smaller[on]
    assert isinstance(parent, Choice)
    return replace(dimension, when=(on, [value for value in values if value in parent.values]))
