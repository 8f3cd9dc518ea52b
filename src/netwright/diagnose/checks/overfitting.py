"""CK-20: the dev error rises past its minimum.

Signal: the dev loss of the weights kept against its lowest epoch, where both curves are means over five epochs;
the spread between seeds. Threshold: a rise of more than 2 standard deviations of the seeds and more than 10 % (own).
Nothing is wrong when the weights of the best epoch are kept.
"""

import numpy as np

from netwright.core.controls import EarlyStopping
from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import early_stopping
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-20"
CHECK = Check(ID, "overfitting", "overfitting in time")
SEEDS, RISE, SMOOTH = 2.0, 0.1, 5


def overfitting(evidence: Evidence) -> Finding:
    """Find a training that went on past its best."""
    history = evidence.history
    if "dev_loss" not in history.columns or len(history) < 2 * SMOOTH:
        return CHECK.missing(f"fewer than {2 * SMOOTH} epochs with a dev loss")
    losses = smoothed(history["dev_loss"].to_numpy())
    low, end = float(losses.min()), float(losses[-1])
    spread = between_seeds(evidence)
    noise = "not measured" if spread is None else f"{spread:.3g}"
    seen = (
        f"the dev loss rises from {low:.4g} to {end:.4g}, seeds differ by {noise} (standard deviation); "
        f"thresholds {SEEDS:g} of these and {RISE:.0%}"
    )
    stopping = evidence.controls.regularization.early_stopping
    if isinstance(stopping, EarlyStopping) and stopping.restore_best:
        return CHECK.healthy(seen + "; the weights of the best epoch are kept")
    if end - low <= max(SEEDS * (spread or 0.0), RISE * low):
        return CHECK.healthy(seen)
    return CHECK.found(seen, early_stopping(evidence, "Keep the weights of the best epoch."))


def smoothed(losses: np.ndarray) -> np.ndarray:
    """Return means over five epochs."""
    return np.convolve(losses, np.full(SMOOTH, 1 / SMOOTH), mode="valid")


def between_seeds(evidence: Evidence) -> float | None:
    """Return the standard deviation over seeds of the lowest smoothed dev loss."""
    seeds = evidence.seed_history
    if seeds is None or "dev_loss" not in seeds.columns or seeds["member"].n_unique() < 2:
        return None
    parts = seeds.partition_by("member")
    return float(np.std([smoothed(part["dev_loss"].to_numpy()).min() for part in parts], ddof=1))
