"""What every check shares: its name, its place in the order of causes, and the three answers it can give."""

from dataclasses import dataclass

from netwright.diagnose.checks._order import severity
from netwright.diagnose.finding import Finding, Prescription


@dataclass(frozen=True)
class Check:
    """A check's identity.

    Attributes:
      id: "CK-12"; name: of its file; title: what it finds, in the field's words.
    """

    id: str
    name: str
    title: str

    def found(self, evidence: str, prescription: Prescription) -> Finding:
        """Return the finding that something is wrong."""
        return Finding(self.id, self.title, "found", evidence, severity(self.name), prescription)

    def healthy(self, evidence: str) -> Finding:
        """Return the finding that nothing is wrong; the evidence still tells the number and the threshold."""
        return Finding(self.id, self.title, "healthy", evidence)

    def missing(self, what: str) -> Finding:
        """Return that the evidence is missing; ``what`` says which."""
        return Finding(self.id, self.title, "not measured", f"not measured: {what}")
