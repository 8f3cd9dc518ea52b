"""Networks like one of the best, their numbers changed by chance: what is left when nothing prescribed survives."""

import numpy as np

from netwright.core.controls import Controls

CHILDREN = 8
"""Networks of a round: few enough that the next round starts from what this one found."""
MOST_DROPOUT = 0.7


def children(parent: Controls, seed: int, number: int) -> list[tuple[Controls, int]]:
    """Return the controls and seeds of one round, all of the parent's structure, so that they train as one program.

    Positive numbers change log-normally and the dropout rate normally, as in an evolution strategy (Bäck and
    Schwefel, 1993, "An overview of evolutionary algorithms for parameter optimization"); a number that is 0 stays.

    Args:
      parent: resolved controls; no "auto" is left.
      seed: of the search; number: of the round. They decide all that is left to chance.
    """
    generator = np.random.default_rng([seed, number])
    first = seed + number * CHILDREN
    return [(_changed(parent, generator), first + child) for child in range(CHILDREN)]


def _changed(parent: Controls, generator: np.random.Generator) -> Controls:
    optimization, regularization = parent.optimization, parent.regularization
    rate, decay, dropout = generator.normal(size=3)
    kept = float(regularization.dropout)
    return parent.replace(
        optimization=optimization.replace(
            learning_rate=float(optimization.learning_rate) * float(np.exp(0.5 * rate))
        ),
        regularization=regularization.replace(
            weight_decay=float(regularization.weight_decay) * float(np.exp(decay)),
            dropout=kept and float(np.clip(kept + 0.1 * dropout, 0.01, MOST_DROPOUT)),
        ),
    )
