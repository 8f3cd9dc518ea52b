"""The diagnosis: the budget, the findings, and the one thing to do next."""

from dataclasses import dataclass, field
from typing import Any

from netwright.diagnose.budget import Budget
from netwright.diagnose.finding import Finding, Prescription


@dataclass(frozen=True)
class Diagnosis:
    """What holds a run back.

    Attributes:
      name: of the data; metric: "error" or "mse".
      budget: the error and its terms.
      findings: of all checks, the gravest first.
      prescription: the one control to change next, or the cheapest measurement that would tell which.
      figures: numbers behind the pictures (learning curve, range test, calibration, confusion …), by name.
      seconds: how long the measurements took.
    """

    name: str
    budget: Budget
    findings: tuple[Finding, ...]
    prescription: Prescription
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def found(self) -> list[Finding]:
        """The findings that name something wrong."""
        return [finding for finding in self.findings if finding.status == "found"]
