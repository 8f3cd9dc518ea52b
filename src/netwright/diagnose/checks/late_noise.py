"""CK-17: steps at the end scatter more than seeds do.

Signal: the standard deviation of the dev loss over the last quarter of the epochs, its trend taken off, against
the spread of the mean late dev loss between seeds. Threshold: more than twice it and more than a tenth of the loss,
where the rate does not decay (Tuning Playbook, "step-to-step variance late in training"; the factors are own).
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-17"
CHECK = Check(ID, "late_noise", "noise of late steps")
FACTOR, OF_LOSS, DECAYED = 2.0, 0.1, 0.2
LEAST_EPOCHS = 4
"""What scatters about a line cannot be seen in fewer."""


def late_noise(evidence: Evidence) -> Finding:
    """Find a rate that never settles."""
    seeds = evidence.seed_history
    if "learning_rate" not in evidence.history.columns:
        return CHECK.missing("no history: the first epoch was not finished")
    if seeds is None or "dev_loss" not in seeds.columns or seeds["member"].n_unique() < 3:
        return CHECK.missing("fewer than 3 seeds with a dev loss")
    curves = np.stack(
        [part["dev_loss"].to_numpy() for part in seeds.partition_by("member", maintain_order=True)]
    )
    if curves.shape[1] < LEAST_EPOCHS:
        return CHECK.missing(f"the seeds trained for fewer than {LEAST_EPOCHS} epochs")
    late = curves[:, -max(LEAST_EPOCHS, curves.shape[1] // 4) :]
    x = np.arange(late.shape[1]) - (late.shape[1] - 1) / 2
    rest = late - late.mean(axis=1, keepdims=True) - np.outer(late @ x / (x @ x), x)
    within, between = float(rest.std(axis=1).mean()), float(late.mean(axis=1).std(ddof=1))
    level = float(late.mean())
    rates = evidence.history["learning_rate"].to_numpy()
    decays = bool(rates[-1] < DECAYED * rates.max())
    seen = (
        f"late dev losses scatter by {within:.3g} from epoch to epoch, by {between:.3g} between "
        f"{len(curves)} seeds, around {level:.3g}; threshold {FACTOR:g} times the latter"
    )
    if decays or not np.isfinite(within) or within <= max(FACTOR * between, OF_LOSS * level):
        return CHECK.healthy(seen)
    settings = {"optimization.schedule": "cosine"}
    return CHECK.found(
        seen, Prescription("optimization.schedule", settings, "Let the rate decay to 0.", "optimization")
    )
