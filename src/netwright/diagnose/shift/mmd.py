"""The maximum mean discrepancy: the distance between two samples' means in a kernel's feature space."""

import numpy as np
from numpy.typing import NDArray

from netwright.diagnose.shift.report import JointTest

MOST_ROWS = 1000
"""Rows of a sample whose distances are taken; memory and time grow with their square."""
PERMUTATIONS = 499


def mmd_test(x: NDArray[np.float64], domain: NDArray[np.float64], seed: int) -> JointTest:
    """Test whether two samples are alike by MMD with an RBF kernel and random permutations.

    ``MMD² = mean k(a, a') + mean k(b, b') − 2 mean k(a, b)`` with ``k(u, v) = exp(−‖u − v‖² / (2σ²))`` and σ the
    median distance. The p-value ``(1 + #{permuted ≥ found}) / (1 + permutations)`` is exact.

    Args:
      x: (n, d) both samples; domain: (n,) 0 for training rows, 1 for target rows.

    Reference: Gretton et al. (2012), "A kernel two-sample test".
    """
    kernel = _rbf(x)
    orders = np.tile(domain, (1 + PERMUTATIONS, 1))
    np.random.default_rng(seed).permuted(orders[1:], axis=1, out=orders[1:])
    # s = +1/n on training rows, −1/m on target rows: MMD² = sᵀ K s, for all permutations in one product.
    signs = (1 - orders) / (domain == 0).sum() - orders / domain.sum()
    squared = np.einsum("bi,bi->b", signs @ kernel, signs)
    # An absolute slack: rounding must not order permutations that are equal.
    p = (1 + int(np.count_nonzero(squared[1:] >= squared[0] - 1e-12))) / (1 + PERMUTATIONS)
    return JointTest("MMD", float(np.sqrt(max(0.0, squared[0]))), p, None)


def _rbf(x: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = (x**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * x @ x.T, 0)  # (n, n), squared
    positive = distances[distances > 1e-12]
    scale = np.median(positive) if len(positive) else 1.0
    return np.exp(-distances / (2 * scale))
