"""What the steps of an improvement say."""

from netwright.core.controls import Controls
from netwright.diagnose.diagnosis import Diagnosis
from netwright.diagnose.finding import Prescription
from netwright.improve.verify import Proof, words


def of_diagnosis(diagnosis: Diagnosis) -> str:
    """Say what the limit is, and the faults found."""
    limit, found = diagnosis.budget["bayes"], [finding.title for finding in diagnosis.found]
    measured = f"{limit.interval} ({limit.verdict})" if limit.interval else limit.verdict
    return f"Bayes error {measured}; found: {', '.join(found) or 'no fault'}"


def of_proof(prescription: Prescription, proof: Proof | None, kept: bool) -> str:
    """Say what became of a prescription, and by what change of the dev error."""
    said = f"{words(prescription)}: {'kept' if kept else 'dropped'}"
    if proof is None or proof.difference.estimate is None:
        return f"{said}, a training diverged"
    change = f"dev {proof.off:.4g} → {proof.on:.4g}, change {proof.difference}"
    if proof.difference.low == proof.difference.high == 0:
        change = "no dev row is predicted otherwise"
    return f"{said}; {change}, P(better) {proof.p_better:.2f} by {len(proof.seeds)} pairs"


def of_round(parent: Controls, errors: list[float]) -> str:
    """Say whose like were trained, and their dev errors."""
    hidden, rate = list(parent.architecture.hidden), float(parent.optimization.learning_rate)
    return f"{len(errors)} networks like hidden {hidden}, rate {rate:.3g}: {span(errors)}"


def span(errors: list[float]) -> str:
    """Say from where to where dev errors go."""
    return f"dev {min(errors):.4g} to {max(errors):.4g}" if errors else "all diverged"
