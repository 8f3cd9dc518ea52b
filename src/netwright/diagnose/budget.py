"""The error budget: what the error on the dev rows is made of, each part with its interval."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from netwright.diagnose.interval import Interval

Verdict = Literal[
    "measured", "bounded", "lower bound", "upper only", "not identified", "not measured", "by construction"
]


@dataclass(frozen=True)
class Term:
    """One part of the error.

    Attributes:
      id: its id in the design, "DG-1" …
      name: "bayes", "optimization", "approximation", "estimation", "shift" or "dev overfit".
      interval: in the unit of the metric; None when nothing can be said.
      verdict: how much the interval claims.
      method: how it was measured, in one sentence with its numbers.
      assumption: what the ends rest on.
    """

    id: str
    name: str
    interval: Interval | None
    verdict: Verdict
    method: str
    assumption: str = ""


@dataclass(frozen=True)
class Budget:
    """The error and its terms.

    Attributes:
      metric: "error" (share of rows predicted wrongly) or "mse" (squared error in the target's units).
      errors: "train", "dev", and "train_dev" or "test" where measured → interval, frozen weights, evaluation mode.
      terms: DG-1 … DG-6 in order.
    """

    metric: Literal["error", "mse"]
    errors: dict[str, Interval]
    terms: Sequence[Term] = field(default_factory=tuple)

    def __getitem__(self, name: str) -> Term:
        for term in self.terms:
            if name in (term.name, term.id):
                return term
        raise KeyError(name)

    @property
    def largest(self) -> Term | None:
        """The reducible term whose interval lies above all others', or None when they cannot be told apart."""
        known = [(term, term.interval) for term in self.reducible if term.interval is not None]
        for term, interval in known:
            # A term of which only an end is known is no answer, yet it may be the larger one.
            others = [other for one, other in known if one is not term]
            positive = interval.estimate is not None and interval.low is not None and interval.low > 0
            if positive and all(interval.above(other) for other in others):
                return term
        return None

    @property
    def reducible(self) -> list[Term]:
        """The terms that a control can lower: all but the Bayes error."""
        return [term for term in self.terms if term.name != "bayes"]

    @property
    def ranked(self) -> list[Term]:
        """The reducible terms, the one that may be largest first: by the upper ends of their intervals."""
        return sorted(self.reducible, key=_upper_end, reverse=True)

    @property
    def at_the_limit(self) -> bool:
        """Whether the dev error cannot be told from the lower end of a bounded Bayes error: nothing is left to gain."""
        bayes, dev = self["bayes"], self.errors["dev"]
        if bayes.verdict != "bounded" or bayes.interval is None or bayes.interval.low is None:
            return False
        return dev.low is not None and dev.low <= bayes.interval.low

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and lists; :meth:`from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Budget":
        """Read a budget from JSON."""
        terms: list[Term] = []
        for term in fields["terms"]:
            interval = None if term["interval"] is None else Interval(**term["interval"])
            known: dict[str, Any] = {**term, "interval": interval}
            terms.append(Term(**known))
        return cls(
            fields["metric"], {name: Interval(**i) for name, i in fields["errors"].items()}, tuple(terms)
        )


def _upper_end(term: Term) -> float:
    if term.interval is None:
        return 0.0
    return float("inf") if term.interval.high is None else term.interval.high
