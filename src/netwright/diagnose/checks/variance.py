"""CK-23: variance is the largest term.

Signal: the budget's estimation term (Machine Learning Yearning, chapters 20 to 26); without a budget, dev error
minus training error. Threshold: a budget term apart from all others; without, a gap whose interval (90 %) lies
above 0.08 and that is more than 80 % of the dev error, or for regression dev error above three times
the training error with intervals apart (own).
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import Interval, of_mean

ID = "CK-23"
CHECK = Check(ID, "variance", "variance")
GAP, OF_DEV, FACTOR = 0.08, 0.8, 3.0


def variance(evidence: Evidence) -> Finding:
    """Find that the network has learned these rows rather than the rule."""
    budget = evidence.budget
    if budget is not None:
        term = budget.largest
        if term is not None and term.name == "estimation":
            seen = (
                f"the estimation term is {term.interval} (90 %), above every other; threshold: "
                "intervals apart"
            )
            return CHECK.found(seen, _prescription(evidence))
        return CHECK.healthy(
            f"the estimation term is {budget['estimation'].interval} (90 %); threshold: above every "
            "other term"
        )
    if evidence.train is None or evidence.dev is None:
        return CHECK.missing("neither a budget nor predictions of train and dev rows")
    train, dev = error(evidence, "train"), error(evidence, "dev")
    seen = f"the error is {train} on training rows, {dev} on dev rows (90 %); "
    assert dev.low is not None
    assert dev.estimate is not None
    assert train.high is not None
    assert train.estimate is not None
    if evidence.task == "regression":
        seen += f"threshold {FACTOR:g} times the former"
        wide = dev.estimate > FACTOR * train.estimate and dev.low > train.high
    else:
        seen += f"threshold a gap of {GAP:g} and {OF_DEV:.0%} of the latter"
        wide = dev.low - train.estimate > GAP and dev.estimate - train.estimate > OF_DEV * dev.estimate
    return CHECK.found(seen, _prescription(evidence)) if wide else CHECK.healthy(seen)


def error(evidence: Evidence, split: str) -> Interval:
    """Return the mean error of a split: share wrong, or squared error."""
    predictions = evidence.train if split == "train" else evidence.dev
    assert predictions is not None
    if evidence.task == "regression":
        return of_mean(np.square(predictions.outputs - predictions.truth))
    return of_mean((predictions.outputs.argmax(axis=1) != predictions.truth).astype(np.float64))


def _prescription(evidence: Evidence) -> Prescription:
    """Return the cheapest regularizer that is not in force: dropout, then weight decay."""
    regularization = evidence.controls.regularization
    reason = "More rows would help most; failing that, regularize."
    if float(regularization.dropout) < 0.3 and evidence.controls.architecture.hidden:
        return Prescription(
            "regularization.dropout", {"regularization.dropout": 0.5}, reason, "estimation", "P + curve"
        )
    decay = max(1e-3, 10 * float(regularization.weight_decay))
    settings = {"regularization.weight_decay": decay}
    return Prescription("regularization.weight_decay", settings, reason, "estimation", "P + curve")
