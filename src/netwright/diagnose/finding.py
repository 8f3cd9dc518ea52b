"""Findings: what a check saw, and the one control that it prescribes."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Prescription:
    """One change to make, and how to prove it.

    Attributes:
      control: the one control, "group.name" as in ``--set``; or what a person must do ("data", "sweep", "labels",
        "none").
      settings: "group.name" → value, ready for ``Controls.with_setting``; empty when a person must act.
      reason: one sentence.
      term: the term of the budget that it should move, or "" when it mends a fault.
      verify: "P" paired seeds, "Q" a short probe, "R" rerun the check, or what else would prove it.
    """

    control: str
    settings: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    term: str = ""
    verify: str = "P"


@dataclass(frozen=True)
class Finding:
    """What one check says.

    Attributes:
      check: its id, "CK-12".
      title: what is wrong, in the field's words: "dead ReLU units".
      status: "found", "healthy" (looked and nothing found) or "not measured" (the evidence for it is missing).
      evidence: one sentence with the numbers seen, their uncertainty and the threshold.
      severity: 0 to 1; findings are listed, and prescribed for, in its order.
      prescription: None when healthy or not measured.
    """

    check: str
    title: str
    status: Literal["found", "healthy", "not measured"]
    evidence: str
    severity: float = 0.0
    prescription: Prescription | None = None
