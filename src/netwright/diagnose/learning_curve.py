"""The learning curve: the error as a function of the number of training rows, and where it leads."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from netwright.diagnose.interval import Interval, of_draws

EXPONENTS = np.geomspace(0.02, 2.0, 300)
"""The values of b that are tried; given b, the best a and c are a linear least-squares problem with a closed form."""
RESAMPLES = 400
WIDEST = 0.5
"""An interval of c wider than this share of the error today says nothing worth acting on (own threshold)."""
LEVEL = 0.05
AHEAD = (2, 4, 10)


@dataclass(frozen=True)
class LearningCurve:
    """The measured errors and the law ``err(n) = a·n^(−b) + c`` fitted to them.

    Attributes:
      metric: "error" or "mse".
      sizes: (k,) training rows; errors: for each size the dev error of each network trained on as many.
      a, b, c: of the law; c is the error that more data alone cannot remove.
      estimation: err(n) − c at the largest size: what more data alone could remove.
      identified: whether c may be used; reason: why not, or how sure it is.
      ahead: "2", "4", "10" → the error foretold for that many times the largest size.
    """

    metric: Literal["error", "mse"]
    sizes: tuple[int, ...]
    errors: tuple[tuple[float, ...], ...]
    a: Interval
    b: Interval
    c: Interval
    estimation: Interval
    identified: bool
    reason: str
    ahead: dict[str, Interval]

    def at(self, n: float) -> float:
        """Return ``a·n^(−b) + c``."""
        a, b, c = (float(interval.estimate or 0.0) for interval in (self.a, self.b, self.c))
        return a * n**-b + c

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and lists."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{'rows':>9}  {self.metric} (mean of seeds)"]
        lines += [
            f"{n:>9,}  {np.mean(e):.4g}  ({min(e):.4g} to {max(e):.4g}, {len(e)} seeds)"
            for n, e in zip(self.sizes, self.errors, strict=True)
        ]
        lines += [f"{int(k) * self.sizes[-1]:>9,}  {found}  foretold" for k, found in self.ahead.items()]
        limit = f"c = {self.c}" if self.identified else "c is not identified"
        return "\n".join([*lines, f"a·n^(−b) + c with b = {self.b}: {limit}; {self.reason}"])


def fit_curve(
    sizes: list[int],
    losses: list[np.ndarray],
    *,
    metric: Literal["error", "mse"],
    confidence: float = 0.9,
    seed: int = 0,
) -> LearningCurve:
    """Fit the law by least squares under a ≥ 0, c ≥ 0, 0 < b ≤ 2, with a bootstrap over curves and dev rows.

    Each size weighs by the inverse variance of its mean. A draw takes the networks of each size with replacement
    (their spread enlarged by √(s/(s−1)) for s seeds) and adds the noise of the dev rows, which all networks share,
    from its covariance. Errors need not fall: first it is tested whether they do (Viering and Loog, 2022).

    Args:
      sizes: (k,) ascending training rows; losses: for each, (s, m) the error of each network on each dev row.
      metric, confidence: of the errors and of the intervals.
      seed: of the bootstrap.
    """
    errors = [np.asarray(found, np.float64).mean(axis=1) for found in losses]
    spread = _seed_variance(errors)
    weights = 1 / (spread / np.array([len(e) for e in errors]))
    n = np.array(sizes, np.float64)
    means = np.array([e.mean() for e in errors])
    draws = _draws(losses, errors, spread, np.random.default_rng(seed))
    best = fit_law(n, means[None], weights)
    found = fit_law(n, draws, weights)
    a, b, c = (of_draws(float(one[0]), many, confidence) for one, many in zip(best, found, strict=True))

    def ahead(times: float) -> Interval:
        at = [law[0] * (times * n[-1]) ** -law[1] + law[2] for law in (best, found)]
        return of_draws(float(at[0][0]), at[1], confidence)

    rises = _rise(sizes, errors, spread)
    width, today = (c.high or 0.0) - (c.low or 0.0), float(means[-1])
    if rises:
        identified, reason = False, rises
    elif width > WIDEST * today:
        identified = False
        reason = (
            f"its interval, {c}, is wider than half of the error today, {today:.4g}: measure larger sizes"
        )
    else:
        identified, reason = True, f"{len(errors)} sizes, {sum(map(len, errors))} networks"
    estimation = of_draws(
        max(0.0, float(best[0][0] * n[-1] ** -best[1][0])), found[0] * n[-1] ** -found[1], confidence
    )
    points = tuple(tuple(map(float, e)) for e in errors)
    forecasts = {str(times): ahead(times) for times in AHEAD}
    return LearningCurve(
        metric, tuple(map(int, sizes)), points, a, b, c, estimation, identified, reason, forecasts
    )


def fit_law(
    n: np.ndarray, errors: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (a, b, c), each (B,), that minimize ``Σ w (a·n^(−b) + c − err)²`` for each of B curves.

    Variable projection (Golub and Pereyra, 1973): b is searched on a grid, a and c follow in closed form.

    Args:
      n: (k,) sizes; errors: (B, k); weights: (k,).
    """
    w = weights / weights.sum()
    x = (n / n[-1]) ** -EXPONENTS[:, None]
    mean_x, mean_y = x @ w, errors @ w
    cross = np.einsum("k,gk,bk->gb", w, x, errors)
    square_x = (x**2) @ w
    slope = (cross - mean_x[:, None] * mean_y) / (square_x - mean_x**2)[:, None]
    level = mean_y - slope * mean_x[:, None]
    # Where the free optimum leaves the quadrant, the best point lies on its edge.
    slope, level = (
        np.where(level < 0, cross / square_x[:, None], np.maximum(slope, 0)),
        np.where(level < 0, 0, np.where(slope < 0, mean_y, level)),
    )
    residual = ((slope[..., None] * x[:, None] + level[..., None] - errors) ** 2) @ w
    pick = residual.argmin(axis=0), np.arange(len(errors))
    b = EXPONENTS[pick[0]]
    return slope[pick] * n[-1] ** b, b, level[pick]


def _seed_variance(errors: list[np.ndarray]) -> np.ndarray:
    """Return the variance between networks of each size, never below the pooled one's tenth; pooled for one network."""
    own = np.array([e.var(ddof=1) if len(e) > 1 else np.nan for e in errors])
    pooled = float(np.nanmean(own)) if np.isfinite(own).any() else 0.0
    floor = max(pooled / 10, 1e-12)
    return np.maximum(np.where(np.isfinite(own), own, pooled), floor)


def _draws(
    losses: list[np.ndarray], errors: list[np.ndarray], spread: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    columns: list[np.ndarray] = []
    for e, variance in zip(errors, spread, strict=True):
        s = len(e)
        if s == 1:
            columns.append(e[0] + rng.normal(0, np.sqrt(variance), RESAMPLES))
        else:
            means = e[rng.integers(0, s, (RESAMPLES, s))].mean(axis=1)
            columns.append(e.mean() + (means - e.mean()) * np.sqrt(s / (s - 1)))
    by_row = np.stack([np.asarray(found, np.float64).mean(axis=0) for found in losses])
    covariance = np.atleast_2d(np.cov(by_row)) / by_row.shape[1]
    noise = rng.multivariate_normal(np.zeros(len(errors)), covariance, RESAMPLES, check_valid="ignore")
    return np.maximum(np.stack(columns, axis=1) + noise, 0)


def _rise(sizes: list[int], errors: list[np.ndarray], spread: np.ndarray) -> str:
    """Say where the errors rise with more rows beyond the noise of the seeds, or that they do not fall at all."""
    from scipy.stats import norm  # start-up cost: training needs no statistics

    means = np.array([e.mean() for e in errors])
    variance = spread / np.array([len(e) for e in errors])
    steps = np.diff(means) / np.sqrt(variance[1:] + variance[:-1])
    worst = int(np.argmax(steps))
    if norm.sf(steps[worst]) < LEVEL / len(steps):
        return (
            f"the error rises from {means[worst]:.4g} at {sizes[worst]:,} rows to {means[worst + 1]:.4g} at "
            f"{sizes[worst + 1]:,}: no law that falls describes it"
        )
    fall = (means[0] - means[-1]) / np.sqrt(variance[0] + variance[-1])
    if norm.sf(fall) > LEVEL:
        return f"the error does not fall measurably from {sizes[0]:,} to {sizes[-1]:,} rows"
    return ""
