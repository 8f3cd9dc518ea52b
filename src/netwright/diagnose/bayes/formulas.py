"""The bounds in closed form: nearest-neighbour error → Bayes error, and what label noise does to it."""

import numpy as np
from numpy.typing import NDArray


def cover_hart(error: float, classes: int) -> float:
    """Return the lower bound ``(K−1)/K · (1 − √(1 − K e/(K−1)))`` from the asymptotic 1-NN error e.

    Of a nearest-neighbour error it is Cover and Hart's (1967) bound; of the share of edges of a minimum spanning
    tree that join two classes, which has the same limit, Henze and Penrose's (1999; K classes: Sekeh et al. 2018).
    An error beyond chance gives ``(K−1)/K``.
    """
    chance = (classes - 1) / classes
    return chance * (1 - float(np.sqrt(np.clip(1 - error / chance, 0, 1))))


def neighbours_bound(error: float, neighbours: int) -> float:
    """Return ``e_k / (1 + 1/√k)``, a lower bound from the asymptotic k-NN error of two classes (Devroye 1981)."""
    return error / (1 + 1 / float(np.sqrt(neighbours)))


def noised(risk: float, rho: float, classes: int) -> float:
    """Return ``R + ρ (1 − 1/K − R)``: the risk R after labels are drawn anew, uniformly, with probability ρ."""
    return risk + rho * (1 - 1 / classes - risk)


def soft_risk(votes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``1 − max_k q_k`` of each row of label distributions (m, K); ``min(q, 1 − q)`` for two classes."""
    return 1 - votes.max(axis=1)
