"""The Gaussian process of Bayesian search: what it believes of points, and how good one would be to try."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, log_ndtr
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

Numbers = NDArray[np.float64]


def fitted_kernel(x: Numbers, y: Numbers) -> Any:
    """Return the kernel of the largest marginal likelihood: Matérn 5/2 with a length scale a column, and noise.

    Args:
      x: (n, f) features.
      y: (n,) standardized values.
    """
    scales: Any = np.full(x.shape[1], 0.5)
    kernel = ConstantKernel(1.0, (0.05, 20.0)) * Matern(scales, (0.05, 20.0), nu=2.5) + WhiteKernel(
        0.01, (1e-6, 1.0)
    )
    with warnings.catch_warnings():
        # A column that does not matter has its scale at the bound, which is what a bound is for.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianProcessRegressor(kernel).fit(x, y).kernel_


class Belief:
    """The posterior of the process given values at points.

    Args:
      kernel: as fitted.
      x: (n, f) features; y: (n,) standardized values, lies among them.
    """

    def __init__(self, kernel: Any, x: Numbers, y: Numbers) -> None:
        as_given: Any = None
        self._process = GaussianProcessRegressor(kernel, optimizer=as_given).fit(x, y)
        # Values have noise: what there is to improve on is the best mean, not the luckiest value.
        self._best = float(np.min(self._process.predict(x)))

    def log_expected_improvement(self, x: Numbers) -> Numbers:
        """Return log E[max(0, best − f(x))] at (n, f) features, (n,)."""
        mean, deviation = self._process.predict(x, return_std=True)
        deviation = np.maximum(deviation, 1e-9)
        return np.log(deviation) + log_improvement((self._best - mean) / deviation)


def log_improvement(z: Numbers) -> Numbers:
    """Return log(φ(z) + zΦ(z)), the log expected improvement of a standard normal by z, without underflow.

    Below 0 it is −z²/2 − log √2π + log(1 − |z|·Φ(z)/φ(z)) with the ratio from erfcx, far below with its asymptote 1/z².

    Reference: Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization", 2023.
    """
    z = np.asarray(z, np.float64)
    log_density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    near, below, far = z > -1, (z <= -1) & (z > -1e4), z <= -1e4
    found = np.empty_like(z)
    found[near] = np.log(np.exp(log_density[near]) + z[near] * np.exp(log_ndtr(z[near])))
    ratio = np.sqrt(np.pi / 2) * erfcx(-z[below] / np.sqrt(2))
    found[below] = log_density[below] + np.log1p(z[below] * ratio)
    found[far] = log_density[far] - 2 * np.log(-z[far])
    return found
