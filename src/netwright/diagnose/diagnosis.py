"""The diagnosis: the budget, the findings, and the one thing to do next."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from netwright.diagnose.budget import Budget
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.picture import html, text

VERSION = 1


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
    def metric(self) -> str:
        """ "error" (share of rows predicted wrongly) or "mse"."""
        return self.budget.metric

    @property
    def found(self) -> list[Finding]:
        """The findings that name something wrong."""
        return [finding for finding in self.findings if finding.status == "found"]

    def __str__(self) -> str:
        return text(self.name, self.budget, self.findings, self.prescription, self.seconds)

    def _repr_html_(self) -> str:
        return html(self.name, self.budget, self.findings, self.prescription, self.seconds)

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists and numbers; :meth:`from_json` reads them back."""
        return _plain({"version": VERSION, **asdict(self)})

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Diagnosis":
        """Read a diagnosis from JSON.

        Raises:
          ValueError: it is of another version.
        """
        if fields.get("version") != VERSION:
            raise ValueError(f"a diagnosis of version {fields.get('version')!r}; expected {VERSION}")
        findings: list[Finding] = []
        for finding in fields["findings"]:
            advice = finding["prescription"]
            known: dict[str, Any] = {**finding, "prescription": advice and Prescription(**advice)}
            findings.append(Finding(**known))
        return cls(
            fields["name"],
            Budget.from_json(fields["budget"]),
            tuple(findings),
            Prescription(**fields["prescription"]),
            fields["figures"],
            fields["seconds"],
        )


def _plain(value: Any) -> Any:
    """Return what JSON has words for: no tuples, NumPy numbers or numbers that are not finite."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
