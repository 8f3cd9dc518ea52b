"""CK-22: avoidable bias is the largest term; which control causes it is told by trials.

Signal: the budget's optimization and approximation terms (Ng, "Machine Learning Yearning", chapters 20 to 26);
and trials that free the network of one restraint each: no dropout, no penalty, no smoothing, no clipping, wider
layers, with paired seeds. Thresholds: a budget term apart from all others; or a trial whose fall of the dev error
has its interval above 0, takes away a fifth of the error and more than 2 standard errors of the dev rows, while the
training loss falls by a quarter; or a penalty without which the training loss surely falls by half and the dev error
falls, too (own: few dev rows cannot be surer); or the restraint that CK-33 finds guilty of what the rate loses.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import RATE, epochs, wider
from netwright.diagnose.checks.wrong_rate import blamed
from netwright.diagnose.evidence import Evidence, Trial
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-22"
CHECK = Check(ID, "avoidable_bias", "avoidable bias")
DEV_SHARE, TRAIN_SHARE, LEAST_ERROR, STANDARD_ERRORS = 0.2, 0.25, 0.01, 2.0
TERMS = ("optimization", "approximation")
HALF = 0.5
PENALTIES = ("regularization.l1", "regularization.l2", "regularization.weight_decay")


def avoidable_bias(evidence: Evidence) -> Finding:
    """Find that the network is kept from learning what there is."""
    best = _best(evidence) or _guilty(evidence)
    if best is not None:
        seen = (
            f"with {_words(best)} the dev error falls by {best.dev} from {best.dev_before:.4g}, the "
            f"training loss by {best.train} from {best.train_before:.4g} (90 % over paired seeds); "
            f"thresholds {DEV_SHARE:g} and {TRAIN_SHARE:g} of them"
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
        f"{tried} trials of freeing the network gain less than {DEV_SHARE:g} of the dev error, and "
        "no bias term stands apart"
    )


def _best(evidence: Evidence) -> Trial | None:
    """Return the trial with the largest sure gain."""
    sure: list[Trial] = []
    for trial in evidence.trials or ():
        if trial.control == RATE:  # CK-33 reads the rates
            continue
        gain, fall = trial.dev.estimate or 0.0, trial.train.estimate or 0.0
        least = LEAST_ERROR if evidence.task != "regression" else 0.0
        # The same few dev rows serve every seed: their own noise counts too.
        if evidence.task != "regression":
            p, rows = trial.dev_before, max(1, evidence.rows.get("dev", 1))
            least = max(least, STANDARD_ERRORS * (p * (1 - p) / rows) ** 0.5)
        enough = gain > max(DEV_SHARE * trial.dev_before, least) and fall > TRAIN_SHARE * trial.train_before
        sure_gain = enough and (trial.dev.low or 0.0) > 0 and (trial.train.low or 0.0) > 0
        frees = trial.control in PENALTIES and (trial.train.low or 0.0) > HALF * trial.train_before
        if sure_gain or (frees and gain > 0):
            sure.append(trial)
    return max(sure, key=lambda trial: trial.dev.estimate or 0.0, default=None)


def _guilty(evidence: Evidence) -> Trial | None:
    """Return the restraint that no rate suits; where most of the error is noise, a fifth of it is too much to ask."""
    trial = blamed(evidence)
    return trial if trial is not None and (trial.dev.estimate or 0.0) > 0 else None


def _words(trial: Trial) -> str:
    return ", ".join(f"{name}={value}" for name, value in trial.settings.items())
