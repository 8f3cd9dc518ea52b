"""Two-level designs: which controls are low and which high in each cell of a factorial experiment."""

import numpy as np

from netwright.core.errors import ControlError

WORDS = {5: ((0, 1, 2, 3),), 6: ((0, 1, 2, 3, 4),), 7: ((0, 1, 2, 3, 4, 5),), 8: ((0, 1, 2, 3), (0, 1, 4, 5))}
"""Generators of the fractions: each further control is the product of these (Box, Hunter and Hunter, 1978)."""


def two_level(controls: int) -> np.ndarray:
    """Return a design (cells, controls) of −1 (low) and +1 (high).

    Up to four controls it is the full factorial. From five on it is a fraction of resolution V or more: 16 cells
    for 5 controls, 32 for 6, 64 for 7 and 8. There, no main effect and no interaction of two controls is confounded
    with another of them; they are confounded with interactions of three and more, which are taken to be small.

    Raises:
      ControlError: fewer than 2 or more than 8 controls.
    """
    if not 2 <= controls <= 8:
        raise ControlError(f"orthogonality: found {controls} controls, expected 2 to 8")
    words = WORDS.get(controls, ())
    free = controls - len(words)
    cells = np.array(np.meshgrid(*[[-1, 1]] * free, indexing="ij")).reshape(free, -1).T
    further = [cells[:, list(word)].prod(axis=1) for word in words]
    return np.column_stack([cells, *further])
