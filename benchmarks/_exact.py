"""Problems whose irreducible error is known exactly: Gaussians, XOR, label noise, regressions with known noise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Sample = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Problem:
    """A name, a group for the table, the truth (error, or noise variance), and how rows are drawn."""

    name: str
    group: str
    truth: float
    draw: Sample

    @property
    def task(self) -> str | None:
        return "regression" if self.group == "regression" else None


def problems() -> list[Problem]:
    """Every problem of the design, and others on which no model of the estimator is the right one."""
    return [*_gaussians(), *_other_classes(), *_regressions()]


def _gaussians() -> list[Problem]:
    shifts = ((0.5, 0.40129), (1, 0.30854), (2, 0.15866), (3, 0.06681), (4, 0.02275))
    found = [
        Problem(f"shift {shift}, d={d}", "two Gaussians", truth, _shifted(shift, d, 0.5))
        for shift, truth in shifts
        for d in ((2, 5, 20, 50) if shift in (1, 2) else (2, 20))
    ]
    for prior, truth in ((0.1, 0.07006), (0.2, 0.11207), (0.3, 0.13875)):
        for d in (2, 20):
            name = f"shift 2, prior {prior}, d={d}"
            found.append(Problem(name, "unequal priors", truth, _shifted(2, d, prior)))
    found += [
        Problem(f"XOR a={a}, d={d}", "XOR", truth, _xor(a, d))
        for a, truth in ((1, 0.26697), (1.5, 0.12469), (2, 0.04447))
        for d in (2, 10)
    ]
    for K, distance, truth in ((3, 2, 0.13423), (10, 2, 0.32635), (10, 3, 0.09751), (10, 4, 0.01678)):
        found.append(Problem(f"K={K}, distance {distance}", "K classes", truth, _corners(K, distance)))
    for d, scale, truth in ((2, 2, 0.26376), (10, 2, 0.06616), (20, 1.5, 0.10278)):
        name = f"scale {scale}, d={d}"
        found.append(Problem(name, "unequal covariances", truth, _scaled(d, scale)))
    return found


def _other_classes() -> list[Problem]:
    group = "label noise"
    return [
        Problem("chessboard 2×2, noise .1, d=2", group, 0.1, _flipped(_chessboard(2), 2, 0.1)),
        Problem("chessboard 4×4, noise .2, d=2", group, 0.2, _flipped(_chessboard(4), 2, 0.2)),
        Problem("rings, noise .15, d=3", group, 0.15, _flipped(_rings, 3, 0.15)),
        Problem("rings, noise .15, d=6", group, 0.15, _flipped(_rings, 6, 0.15)),
        Problem("rings, noise .15, d=15", group, 0.15, _flipped(_rings, 15, 0.15)),
        Problem("labels are noise, d=2", group, 0.5, _flipped(_half, 2, 0.5)),
        Problem("labels are noise, d=20", group, 0.5, _flipped(_half, 20, 0.5)),
        Problem("parity of 3 signs, noise .1, d=5", group, 0.1, _flipped(_parity, 5, 0.1)),
        Problem("half space, noise .1, d=8", group, 0.1, _flipped(lambda X: X.sum(axis=1) > 0, 8, 0.1)),
        Problem("parity of 3 signs, noise .1, d=15", group, 0.1, _flipped(_parity, 15, 0.1)),
    ]


def _regressions() -> list[Problem]:
    group = "regression"
    return [
        Problem("line, d=1, σ=.5", group, 0.25, _curve(lambda x: 2 * x[:, 0], 1, 0.5)),
        Problem("wave, d=1, σ=.3", group, 0.09, _curve(lambda x: np.sin(6 * x[:, 0]), 1, 0.3)),
        Problem("hill, d=2, σ=.2", group, 0.04, _curve(lambda x: np.exp(-(x**2).sum(1)), 2, 0.2)),
        Problem("line, d=20, σ=1", group, 1.0, _curve(lambda x: x[:, :5].sum(1), 20, 1.0)),
        Problem("Friedman 1, d=5, σ=1", group, 1.0, _friedman(5, 1.0)),
        Problem("Friedman 1, d=10, σ=1", group, 1.0, _friedman(10, 1.0)),
        Problem("product, d=10, σ=.5", group, 0.25, _curve(lambda x: x[:, 0] * x[:, 1], 10, 0.5)),
        Problem(
            "steps, d=3, σ=.5", group, 0.25, _curve(lambda x: np.sign(x[:, 0]) + np.sign(x[:, 1]), 3, 0.5)
        ),
        Problem("noise alone, d=5, σ=1", group, 1.0, _curve(lambda x: 0 * x[:, 0], 5, 1.0)),
    ]


def _shifted(shift: float, d: int, prior: float) -> Sample:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = (rng.random(n) < prior).astype(int)
        X = rng.normal(size=(n, d))
        X[:, 0] += shift * y
        return X, y

    return draw


def _xor(a: float, d: int) -> Sample:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        signs = rng.choice((-1, 1), (n, 2))
        X = rng.normal(size=(n, d))
        X[:, :2] += a * signs
        return X, (signs[:, 0] * signs[:, 1] > 0).astype(int)

    return draw


def _corners(K: int, distance: float) -> Sample:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = rng.integers(0, K, n)
        return rng.normal(size=(n, K)) + distance * np.eye(K)[y], y

    return draw


def _scaled(d: int, scale: float) -> Sample:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = rng.integers(0, 2, n)
        return rng.normal(size=(n, d)) * np.where(y == 1, scale, 1.0)[:, None], y

    return draw


def _flipped(side: Callable[[np.ndarray], np.ndarray], d: int, noise: float) -> Sample:
    """Inputs uniform in a cube; the label is a function of them, flipped with probability ``noise``."""

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        X = rng.uniform(-1, 1, (n, d))
        return X, side(X).astype(int) ^ (rng.random(n) < noise)

    return draw


def _chessboard(fields: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda X: np.floor((X[:, :2] + 1) * fields / 2).sum(1) % 2 == 1


def _rings(X: np.ndarray) -> np.ndarray:
    return np.floor(2 * np.hypot(X[:, 0], X[:, 1])) % 2 == 1


def _half(X: np.ndarray) -> np.ndarray:
    return X[:, 0] > 0


def _parity(X: np.ndarray) -> np.ndarray:
    return np.prod(np.sign(X[:, :3]), axis=1) > 0


def _curve(mean: Callable[[np.ndarray], np.ndarray], d: int, noise: float) -> Sample:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        X = rng.uniform(-1, 1, (n, d))
        return X, mean(X) + noise * rng.normal(size=n)

    return draw


def _friedman(d: int, noise: float) -> Sample:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        X = rng.random((n, d))
        mean = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
        return X, mean + noise * rng.normal(size=n)

    return draw
