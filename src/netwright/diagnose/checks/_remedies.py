"""Prescriptions that several checks share, with settings computed from the run's own controls."""

from typing import Any

from netwright.core.controls import Controls, Initialization
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Prescription

RATE = "optimization.learning_rate"


def rate(evidence: Evidence, reason: str, *, factor: float, verify: str = "P") -> Prescription:
    """Return the range test's best rate; the run's own times ``factor`` without a test, or when it is the best."""
    found, own = evidence.range_test, rate_of(evidence.controls)
    new = found.best if found is not None and found.best != own else own * factor
    return Prescription(RATE, {RATE: float(f"{new:.3g}")}, reason, verify=verify)


def rate_of(controls: Controls) -> float:
    """Return the learning rate of resolved controls."""
    return float(controls.optimization.learning_rate)


def initialization(evidence: Evidence, reason: str) -> Prescription:
    """Return the initializer that suits each layer's activation, biases at 0; batch normalization where it is that."""
    settings: dict[str, Any] = {
        "initialization.kernel": "auto",
        "initialization.scale": None,
        "initialization.bias": 0.0,
    }
    if evidence.controls.initialization == Initialization():
        return Prescription("architecture.batch_norm", {"architecture.batch_norm": True}, reason, verify="R")
    return Prescription("initialization.kernel", settings, reason, verify="R")


def wider(evidence: Evidence, reason: str, factor: int = 4) -> Prescription:
    """Return hidden layers ``factor`` times as wide, at least 32 units; one of 64 where there is none."""
    architecture = evidence.controls.architecture
    hidden = [max(32, factor * int(width)) for width in architecture.hidden] or [64]
    settings: dict[str, Any] = {"architecture.hidden": hidden}
    if architecture.kind == "logistic":
        settings["architecture.kind"] = "mlp"
    return Prescription("architecture.hidden", settings, reason, term="approximation")


def epochs(evidence: Evidence, reason: str, factor: float) -> Prescription:
    """Return ``factor`` times as many epochs."""
    new = max(1, round(int(evidence.controls.optimization.epochs) * factor))
    return Prescription("optimization.epochs", {"optimization.epochs": new}, reason, term="optimization")


def early_stopping(evidence: Evidence, reason: str) -> Prescription:
    """Return early stopping that keeps the weights of the best epoch; it waits a fifth of the epochs."""
    patience = max(5, int(evidence.controls.optimization.epochs) // 5)
    settings = {"regularization.early_stopping": {"patience": patience, "restore_best": True}}
    return Prescription("regularization.early_stopping", settings, reason, term="estimation")


def person(control: str, reason: str, verify: str = "R", term: str = "") -> Prescription:
    """Return what only a person can do: to the "data", the "labels", the "model" or the "sweep"."""
    return Prescription(control, {}, reason, term, verify)
