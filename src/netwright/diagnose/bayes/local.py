"""Lower candidates from near rows of one space: raw inputs, given features, or the scores of a model."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from netwright.diagnose.bayes import formulas
from netwright.diagnose.bayes.neighbours import Neighbours, differing, near, weighted_mean
from netwright.diagnose.bayes.records import Candidate
from netwright.diagnose.interval import Interval

Floats = NDArray[np.float64]
FAR = 0.07
SMOOTH = "the class probabilities change little, or by jumps at borders, between a row and its nearest rows"
SMOOTH_MEAN = "the mean of the target is a smooth function of the inputs"
KEEPS = "the scores keep all that tells targets apart, but for what the learning curve still promises"


@dataclass(frozen=True)
class Space:
    """A space of rows and the neighbours in it.

    Attributes:
      name: of the space; kind: "raw" or "learned".
      neighbours: of its rows.
      allowance: how much the risk would still fall with better scores, and its standard error; (0, 0) when the
        space is no model's.
      start: the first of the rows read that is in the space.
    """

    name: str
    kind: Literal["raw", "learned"]
    neighbours: Neighbours
    allowance: tuple[float, float] = (0.0, 0.0)
    start: int = 0

    @property
    def is_near(self) -> bool:
        """Whether nearest rows lie near enough for what they say to be carried to distance zero."""
        return self.neighbours.nearness <= FAR

    @property
    def why_far(self) -> str:
        """The reason for striking what rests on far neighbours."""
        return f"nearest rows are far: {self.neighbours.nearness:.2f} of the squared distance of any two (limit {FAR})"


def space(
    name: str,
    kind: Literal["raw", "learned"],
    rows: Floats,
    rng: np.random.Generator,
    allowance: tuple[float, float] = (0.0, 0.0),
    start: int = 0,
) -> Space:
    """Return a space with its ``√n/2`` nearest rows (5 to 20)."""
    k = int(np.clip(np.sqrt(len(rows)) / 2, 5, 20))
    return Space(name, kind, near(rows, k, rng), allowance, start)


@dataclass(frozen=True)
class Reading:
    """A lower bound before its confidence limit: ``bound(share)`` of a share known to a standard error."""

    name: str
    assumption: str
    share: float
    error: float
    classes: int = 0
    votes: int = 0

    def bound(self, share: float) -> float:
        """The formula of the estimator at another share."""
        if self.votes:
            return formulas.neighbours_bound(share, self.votes)
        return formulas.cover_hart(share, self.classes) if self.classes else share

    @property
    def value(self) -> float:
        """The bound at the share itself."""
        return self.bound(self.share)


def readings(place: Space, y: NDArray[Any], classes: int) -> list[Reading]:
    """Return the estimators on one space; with two classes also the vote of k neighbours."""
    near_rows = place.neighbours
    ends = near_rows.places
    first = np.eye(ends.shape[1])[0]
    if not classes:
        gaps = (y[:, None] - y[ends]) ** 2 / 2
        nearest, smooth = (weighted_mean(ends, gaps, w) for w in (first, near_rows.weights_at_zero(2)))
        # Half of what was extrapolated is not trusted.
        doubt = max(0.0, nearest[0] - smooth[0]) / 2
        return [
            Reading("differences of near rows", SMOOTH_MEAN, *nearest),
            Reading("differences, at distance 0", SMOOTH_MEAN, smooth[0], smooth[1] + doubt / 1.645),
        ]
    differs = (y[:, None] != y[ends]).astype(np.float64)
    found = [
        Reading("Cover–Hart, 1-NN", SMOOTH, *weighted_mean(ends, differs, first), classes),
        Reading(
            "Cover–Hart, at distance 0",
            SMOOTH,
            *weighted_mean(ends, differs, near_rows.weights_at_zero(1)),
            classes,
        ),
        Reading("Henze–Penrose, spanning tree", SMOOTH, *differing(y, near_rows.spanning_tree), classes),
    ]
    if classes == 2:
        k = ends.shape[1] - 1 + ends.shape[1] % 2
        wrong = (2 * y[ends[:, :k]].sum(axis=1) > k) != y
        share = float(wrong.mean())
        # Neighbours are shared: twice the binomial variance.
        error = float(np.sqrt(2 * share * (1 - share) / len(y)))
        found.append(Reading(f"k-NN bound, k={k}", SMOOTH, share, error, classes, k))
    return found


def settled(found: list[Reading]) -> bool:
    """Whether nearest rows already say what the extrapolation to distance 0 says, within two standard errors."""
    nearest, at_zero = found[:2]
    return nearest.share - at_zero.share <= 2 * nearest.error


def candidate(reading: Reading, place: Space, confidence: float) -> Candidate:
    """Return the reading with its confidence limits pushed through the formula; struck where rows are far."""
    z = float(norm.ppf((1 + confidence) / 2))
    fall, fall_error = place.allowance
    low, value, high = (
        reading.bound(max(0.0, reading.share + side * z * reading.error)) for side in (-1, 0, 1)
    )
    # The two deviations are independent to first order: they add as squares.
    below = float(np.hypot(value - low, z * fall_error))
    low, value, high = (max(0.0, end - fall) for end in (value - below, value, high))
    learned = place.kind == "learned"
    found = Candidate(
        f"{reading.name}, {place.name}" if learned else reading.name,
        value,
        Interval(low, value, high, confidence),
        "lower",
        place.kind,
        f"{reading.assumption}; {KEEPS}" if learned else reading.assumption,
    )
    return found if place.is_near else found.strike(place.why_far)
