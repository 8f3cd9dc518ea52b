"""What an estimate of the Bayes error says: its ends, all candidates for them, and what they rest on."""

from dataclasses import dataclass, replace
from typing import Literal

from netwright.diagnose.interval import Interval

Verdict = Literal["bounded", "upper only", "not identified"]


@dataclass(frozen=True)
class Candidate:
    """One estimate that could become an end of the interval.

    Attributes:
      name: of the estimator.
      value: its value, in the unit of the metric.
      interval: with its confidence limits; what becomes an end is ``interval.low`` or ``interval.high``.
      side: the end that it bounds, "lower" or "upper".
      space: where it was computed: "raw" inputs, "learned" features, "labels".
      assumption: what it rests on.
      struck: whether it was set aside, and ``why``.
    """

    name: str
    value: float
    interval: Interval
    side: Literal["lower", "upper"]
    space: Literal["raw", "learned", "labels"]
    assumption: str
    struck: bool = False
    why: str = ""

    def strike(self, why: str) -> "Candidate":
        """Return this candidate set aside; the first reason stays."""
        return self if self.struck else replace(self, struck=True, why=why)

    def __str__(self) -> str:
        low, high = (
            "  —   " if end is None else f"{end:.4g}" for end in (self.interval.low, self.interval.high)
        )
        struck = f"  struck: {self.why}" if self.struck else ""
        return f"{self.side:5} {self.name:44} {self.space:7} {self.value:8.4g} [{low}, {high}]{struck}"


@dataclass(frozen=True)
class NoiseCheck:
    """One estimator under added noise.

    Attributes:
      name: of the estimator; expected: by the law from its value without added noise; found: on noised data.
      margin: how far chance alone may part the two.
    """

    name: str
    expected: float
    found: float
    margin: float

    @property
    def passed(self) -> bool:
        """Whether found and expected agree within the margin."""
        return abs(self.found - self.expected) <= self.margin


@dataclass(frozen=True)
class NoiseTest:
    """The noise test: labels are drawn anew, uniformly, with probability ρ; ``R_ρ = R + ρ (1 − 1/K − R)`` must hold.

    In regression noise of variance ``ρ σ²`` is added to the target and ``σ²_ρ = (1 + ρ) σ²`` must hold. Cover and
    Hart's bound obeys the law at any n, biased or not; votes of neighbours and models only once converged.
    """

    rho: float
    checks: tuple[NoiseCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> frozenset[str]:
        """The names of the estimators that broke the law."""
        return frozenset(check.name for check in self.checks if not check.passed)


@dataclass(frozen=True)
class BayesEstimate:
    """The error that no model can beat, between ends.

    Attributes:
      low: the lower end; None when it is not identified.
      high: the upper end: guaranteed at finite n, for rows that are independent draws.
      estimate: the best single number; None when not identified.
      verdict: "bounded" (both ends), "upper only", or "not identified" (not even below guessing).
      candidates: all that were computed, struck ones included.
      noise_test: how the estimators answer to added label noise.
      assumptions: what the ends rest on, in words.
      metric: "error" (share of rows) or "mse" (noise variance, in the target's units squared).
      confidence: of the interval; rows: that were read.
    """

    low: float | None
    high: float
    estimate: float | None
    verdict: Verdict
    candidates: tuple[Candidate, ...]
    noise_test: NoiseTest
    assumptions: tuple[str, ...]
    metric: Literal["error", "mse"]
    confidence: float
    rows: int

    @property
    def interval(self) -> Interval:
        """The ends as an :class:`~netwright.diagnose.interval.Interval`."""
        return Interval(self.low, self.estimate, self.high, self.confidence)

    def __str__(self) -> str:
        what = "Bayes error" if self.metric == "error" else "irreducible noise variance"
        test = (
            "passed" if self.noise_test.passed else "failed by " + ", ".join(sorted(self.noise_test.failed))
        )
        return "\n".join(
            [
                f"{what}: {self.interval} at {self.confidence:.0%}, {self.verdict} ({self.rows:,} rows)",
                *(f"  {candidate}" for candidate in self.candidates),
                f"  noise test (ρ = {self.noise_test.rho:g}): {test}",
                *(f"  rests on: {assumption}" for assumption in self.assumptions),
            ]
        )
