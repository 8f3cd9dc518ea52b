"""What is known about a shift."""

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from netwright.diagnose.interval import Interval

ShiftType = Literal["covariate", "label", "concept", "none", "undecidable"]

REMEDIES: dict[str, tuple[str, ...]] = {
    "covariate": ("importance_weighting", "adabn", "coral", "domain_adversarial"),
    "label": ("label_weighting",),
    "concept": (),
    "none": (),
    "undecidable": (),
}
"""The remedies that each type of shift admits; none mends a concept that changed but labels of the target."""


@dataclass(frozen=True)
class JointTest:
    """A test of whole rows, of the labels, or of the labels given the inputs.

    Attributes:
      name: "classifier AUC", "MMD", "labels" or "concept".
      statistic: the AUC, the MMD, the distance of the label distributions, or z of the concept test.
      p: its p-value; corrected_p: times the number of tests, features counted as one.
      effect: its size with an interval where there is one: the AUC, or how much the error rises at equal inputs.
    """

    name: str
    statistic: float
    p: float
    effect: Interval | None = None
    corrected_p: float = 1.0
    shifted: bool = False


@dataclass(frozen=True)
class ShiftReport:
    """What :func:`netwright.shift.detect` found.

    Attributes:
      rows: training and target rows compared.
      features: a row a column and model output: column, test ("KS", "chi2"), statistic, p, corrected_p, effect (KS
        distance or Cramér's V, 0 to 1), mean_difference (in standard deviations), shifted; largest effect first.
      joint: the tests of whole rows, and of the labels where they are known.
      type: "covariate", "label", "concept", "none", or "undecidable" when the labels to tell are missing.
      reason: why that type, in one sentence.
      harm: target error − training error on rows that the model did not learn from, or None without target labels;
        0–1 error for classes, squared error for a regression.
      confidence: 1 − the chance that anything is called shifted when nothing moved.
    """

    rows: tuple[int, int]
    features: pl.DataFrame
    joint: tuple[JointTest, ...]
    type: ShiftType
    reason: str
    harm: Interval | None = None
    confidence: float = 0.9

    @property
    def shifted(self) -> bool:
        """Whether any test says so after correction for all of them."""
        return bool(self.features["shifted"].any()) or any(test.shifted for test in self.joint)

    @property
    def harmful(self) -> bool:
        """Whether the target error lies above the training error beyond noise."""
        return self.harm is not None and self.harm.low is not None and self.harm.low > 0

    @property
    def remedies(self) -> tuple[str, ...]:
        """Names for :func:`netwright.shift.remedy` that this type of shift admits."""
        return REMEDIES[self.type] if self.shifted else ()

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and lists."""
        from dataclasses import asdict

        return {
            "rows": list(self.rows),
            "shifted": self.shifted,
            "type": self.type,
            "reason": self.reason,
            "features": self.features.to_dicts(),
            "joint": [asdict(test) for test in self.joint],
            "harm": None if self.harm is None else asdict(self.harm),
            "remedies": list(self.remedies),
            "confidence": self.confidence,
        }

    def __str__(self) -> str:
        n, m = self.rows
        found = self.features.filter("shifted")
        first = ", ".join(f"{row['column']} ({row['effect']:.2f})" for row in found.head(5).to_dicts())
        tests = "; ".join(
            f"{test.name} {test.effect or format(test.statistic, '.3g')}, p = {test.corrected_p:.2g}"
            for test in self.joint
        )
        said = "Shifted" if self.shifted else "No shift found"
        lines = [
            f"{said}: {n:,} training and {m:,} target rows, confidence {self.confidence:.0%}",
            f"columns: {len(found)} of {len(self.features)} moved" + (f": {first}" if first else ""),
            f"together: {tests}",
            f"type: {self.type}; {self.reason}",
        ]
        if self.harm is not None:
            lines.append(f"harm: target error − training error = {self.harm}")
        if self.remedies:
            lines.append(f"remedies to prove: {', '.join(self.remedies)}")
        return "\n".join(lines)
