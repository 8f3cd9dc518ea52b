"""CK-22: avoidable bias is the largest term; which control causes it is told by trials.

Signal: the budget's optimization and approximation terms (Ng, "Machine Learning Yearning", chapters 20 to 26);
and trials that free the network of one restraint each: no dropout, no penalty, no smoothing, no clipping, wider
layers, with paired seeds. Thresholds: a budget term apart from all others; or a trial whose falls of the training and
of the dev loss both have their intervals above 0 and are a tenth of a constant prediction's loss (own: that loss is
all that there is to learn, so what moves it less is a refinement, no fault; and losses tell on few dev rows what
counted errors cannot); or the restraint that CK-33 finds guilty of what the rate loses.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import RATE, epochs, wider
from netwright.diagnose.checks.wrong_rate import blamed
from netwright.diagnose.evidence import Evidence, Trial
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import Interval

ID = "CK-22"
CHECK = Check(ID, "avoidable_bias", "avoidable bias")
OF_CONSTANT = 0.1
TERMS = ("optimization", "approximation")


def avoidable_bias(evidence: Evidence) -> Finding:
    """Find that the network is kept from learning what there is."""
    best = _best(evidence) or _guilty(evidence)
    if best is not None:
        seen = (
            f"with {_words(best)} the dev error falls by {best.dev} from {best.dev_before:.4g}, the "
            f"training loss by {best.train} from {best.train_before:.4g} (90 % over paired seeds), the dev loss by "
            f"{best.dev_loss} (90 % over rows); threshold {OF_CONSTANT:g} of a constant prediction's loss"
        )
        reason = f"This alone holds the network back: set {_words(best)}."
        return CHECK.found(seen, Prescription(best.control, best.settings, reason))
    term = evidence.budget.largest if evidence.budget is not None else None
    if term is not None and term.name in TERMS:
        seen = (
            f"the {term.name} term is {term.interval} (90 %), above every other; threshold: intervals apart"
        )
        if term.name == "approximation":
            return CHECK.found(seen, wider(evidence, "Give the network more capacity."))
        return CHECK.found(seen, epochs(evidence, "Train longer.", 3))
    if evidence.trials is None and evidence.budget is None:
        return CHECK.missing("neither a budget nor trials")
    tried = len(evidence.trials or ())
    return CHECK.healthy(
        f"{tried} trials of freeing the network gain less than {OF_CONSTANT:g} of a constant prediction's loss, and "
        "no bias term stands apart"
    )


def _best(evidence: Evidence) -> Trial | None:
    """Return the trial with the largest sure gain; CK-33 reads those of the rate."""
    if evidence.start is None:
        return None
    least = OF_CONSTANT * evidence.start.prior_loss
    sure = [
        trial
        for trial in evidence.trials or ()
        if trial.control != RATE and all(_falls(loss, least) for loss in (trial.train, trial.dev_loss))
    ]
    return max(sure, key=lambda trial: trial.dev_loss.estimate or 0.0, default=None)


def _falls(loss: Interval, least: float) -> bool:
    return (loss.low or 0.0) > 0 and (loss.estimate or 0.0) > least


def _guilty(evidence: Evidence) -> Trial | None:
    """Return the restraint that no rate suits; where most of the loss is noise, a tenth of it is too much to ask."""
    trial = blamed(evidence)
    return trial if trial is not None and (trial.dev.estimate or 0.0) > 0 else None


def _words(trial: Trial) -> str:
    return ", ".join(f"{name}={value}" for name, value in trial.settings.items())
