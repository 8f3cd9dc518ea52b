"""CK-18: the training ends while it still improves.

Signal: the slope of dev and training loss over the last 30 % of the epochs. Threshold: both intervals below 0, a
fall of the dev loss of more than 5 % of its whole fall in a tenth of the training, and the best epoch among
the last tenth (Tuning Playbook: "if the best step is at the end, train longer"; the size is own).
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import epochs
from netwright.diagnose.convergence import classify
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-18"
CHECK = Check(ID, "still_improving", "still improving at the end")
FALL, FACTOR = -0.05, 3


def still_improving(evidence: Evidence) -> Finding:
    """Find a training that was stopped too soon."""
    history = evidence.history
    if "train_loss" not in history.columns or len(history) < 2:
        return CHECK.missing("fewer than 2 epochs of history")
    if len(history) < 4:
        seen = f"only {len(history)} epochs were trained, too few for a slope's interval; threshold 4"
        return CHECK.found(seen, epochs(evidence, "So few epochs cannot have converged.", 10))
    names = [name for name in ("dev_loss", "train_loss") if name in history.columns]
    told = {name: classify(history[name].to_numpy()) for name in names}
    seen = "; ".join(
        f"{name} changes by {c.slope} of its fall per tenth of the training (90 %)"
        for name, c in told.items()
    )
    seen += f"; threshold {FALL:g}"
    ends = all(c.kind == "still improving" for c in told.values())
    steep = (told[names[0]].slope.estimate or 0.0) < FALL
    best = int(history[names[0]].fill_nan(float("inf")).arg_min() or 0)
    if not (ends and steep and best >= 0.9 * (len(history) - 1)):
        return CHECK.healthy(seen)
    return CHECK.found(seen, epochs(evidence, "The loss was still falling: train longer.", FACTOR))
