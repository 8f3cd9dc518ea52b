"""Pairs of near rows: how far apart they lie, and how their targets differ, extrapolated to distance zero."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from sklearn.neighbors import NearestNeighbors

Floats = NDArray[np.float64]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """The nearest other rows of every row of a space.

    Attributes:
      places: (n, k) the k nearest rows, the nearest first.
      distances: (n, k) how far they are.
      nearness: median squared distance to the nearest row over that between two rows taken at random: 0 where
        neighbours stand for the same point, 1 where they are no nearer than any row. It grows with dimension.
    """

    places: Pairs
    distances: Floats
    nearness: float

    @cached_property
    def spanning_tree(self) -> Pairs:
        """The edges (m, 2) of the Euclidean minimum spanning tree that join near neighbours.

        Where the graph of neighbours falls apart, so does the tree: a handful of long edges are missing.
        """
        n, k = self.places.shape
        # An explicit zero is no edge to SciPy; equal rows must be joined first of all.
        lengths = np.maximum(self.distances.ravel(), np.finfo(float).tiny)
        graph = coo_array((lengths, (np.repeat(np.arange(n), k), self.places.ravel())), shape=(n, n))
        tree = minimum_spanning_tree(graph.tocsr()).tocoo()
        return np.stack([tree.row, tree.col], axis=1).astype(np.int64)

    def weights_at_zero(self, power: int) -> Floats:
        """Return (k,) weights that turn a mean by rank into its least-squares value at distance 0.

        Between two points a smooth function differs by a term in their squared distance, on average (power 2), and one
        with jumps at borders by a term in their distance (power 1). The ranks 1 … k are as many distances, at no
        cost in rows (Gasser et al. 1986; Evans and Jones 2002).
        """
        reach = np.median(self.distances, axis=0) ** power
        spread = reach - reach.mean()
        if spread @ spread <= 1e-12 * max(reach[-1] ** 2, np.finfo(float).tiny):
            return np.full(len(reach), 1 / len(reach))
        return 1 / len(reach) - reach.mean() * spread / (spread @ spread)


def near(space: Floats, k: int, rng: np.random.Generator) -> Neighbours:
    """Return the ``k`` nearest rows of each row of ``space`` (n, d), in Euclidean distance."""
    distances, places = NearestNeighbors(n_neighbors=k).fit(space).kneighbors()
    others = space[rng.permutation(len(space))]
    typical = float(np.median(((space - others) ** 2).sum(axis=1)))
    nearest = float(np.median(distances[:, 0]) ** 2)
    return Neighbours(places.astype(np.int64), distances, nearest / typical if typical > 0 else 0.0)


def weighted_mean(ends: Pairs, values: Floats, weights: Floats) -> tuple[float, float]:
    """Return ``Σ_r w_r mean_i v_ir`` and its standard error.

    Args:
      ends: (n, k) the row at the other end of pair (i, r).
      values: (n, k) one value a pair; weights: (k,).

    Pairs that share a row are correlated, so the variance sums their products too: over rows, the square of the
    sum of all deviations that touch the row.
    """
    n = len(ends)
    means = values.mean(axis=0)
    deviations = (values - means) * weights
    touching = deviations.sum(axis=1) + np.bincount(ends.ravel(), deviations.ravel(), minlength=n)
    variance = (touching**2).sum() - (deviations**2).sum()
    independent = (deviations.sum(axis=1) ** 2).sum()
    return float(means @ weights), float(np.sqrt(max(variance, independent))) / n


def differing(labels: NDArray[np.int64], pairs: Pairs) -> tuple[float, float]:
    """Return the share of edges (m, 2) that join two classes, and its standard error."""
    first, second = pairs.T
    differs = (labels[first] != labels[second]).astype(np.float64)
    deviations = differs - differs.mean()
    touching = np.bincount(np.r_[first, second], np.r_[deviations, deviations], minlength=len(labels))
    variance = max((touching**2).sum() - (deviations**2).sum(), (deviations**2).sum())
    return float(differs.mean()), float(np.sqrt(variance)) / len(pairs)
