"""How many trials to train side by side: a few sizes, so that few programs are compiled."""

from collections.abc import Sequence

import jax

MOST = 64
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, MOST)


def width_of(trials: int) -> int:
    """Return the least width that holds so many trials, or the greatest there is."""
    return next((width for width in WIDTHS if width >= trials), MOST)


def width_of_race(rungs: Sequence[tuple[int, int]]) -> int:
    """Return the one width at which a race costs least, as a new width would compile a new program.

    Args:
      rungs: how many trials take part, and how many epochs it is to the next rung.
    """
    return min(WIDTHS, key=lambda width: (_cost(rungs, width), width))


def _cost(rungs: Sequence[tuple[int, int]], width: int) -> float:
    """Return the epochs of single trials that a race takes as long as; places left empty are trained, too."""
    overhead = 4 if jax.default_backend() == "cpu" else MOST
    return sum(-(-trials // width) * (width + overhead) * epochs for trials, epochs in rungs)
