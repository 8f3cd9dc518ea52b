"""A fair learning rate: each alternative at its own best of one grid, found with the same budget.

Which rule looks best depends on how each one's rate was found (Choi et al., "On Empirical Comparisons of Optimizers
for Deep Learning", 2019): here all get the same rates, epochs and seeds, and the seeds that choose are not those
that are compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netwright.core.controls import Controls
from netwright.data.dataset import Dataset
from netwright.measure.trial import train_trials

RATES = tuple(float(f"{rate:.1e}") for rate in np.geomspace(1e-4, 10, 11))
"""Half decades from 1e-4 to 10: the best rates of momentum lie far above those of Adam."""
WORKS = 1.1
"""A rate works when its error is at most so many times the best one's."""


@dataclass(frozen=True)
class Search:
    """How an alternative's rate was found.

    Attributes:
      rates: (r,) ascending.
      errors: (seeds, r) dev errors, losses: (seeds, r) dev losses; infinite where a training diverged.
    """

    rates: np.ndarray
    errors: np.ndarray
    losses: np.ndarray

    @cached_property
    def place(self) -> int:
        """The place of the lowest mean error; the lower mean loss settles a tie."""
        return int(np.lexsort((self.losses.mean(axis=0), self.errors.mean(axis=0)))[0])

    @property
    def best(self) -> float:
        """The rate chosen."""
        return float(self.rates[self.place])

    @property
    def at_edge(self) -> bool:
        """Whether a still better rate may lie beyond the grid."""
        return len(self.rates) > 1 and self.place in (0, len(self.rates) - 1)

    @property
    def working(self) -> tuple[float, float]:
        """The ends of the unbroken stretch of rates around the best whose mean error is within a tenth of its."""
        means = self.errors.mean(axis=0)
        works = means <= WORKS * means[self.place]
        low = high = self.place
        while low > 0 and works[low - 1]:
            low -= 1
        while high < len(works) - 1 and works[high + 1]:
            high += 1
        return float(self.rates[low]), float(self.rates[high])


def search_rates(
    ds: Dataset, alternatives: Mapping[str, Controls], rates: Sequence[float], seeds: Sequence[int]
) -> dict[str, Search]:
    """Train each alternative at every rate under every seed, and return what was found."""
    tried = sorted({float(rate) for rate in rates})
    wanted = [(at_rate(one, rate), seed) for one in alternatives.values() for seed in seeds for rate in tried]
    trials = train_trials(ds, wanted)
    ranks = np.array([trial.rank for trial in trials]).reshape(len(alternatives), len(seeds), len(tried), 2)
    return {
        name: Search(np.array(tried), *np.moveaxis(rank, -1, 0))
        for name, rank in zip(alternatives, ranks, strict=True)
    }


def at_rate(controls: Controls, rate: float) -> Controls:
    """Return the controls with this learning rate."""
    return controls.replace(optimization=controls.optimization.replace(learning_rate=rate))
