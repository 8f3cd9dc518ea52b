"""CK-33: a learning rate outside the workable ones (TD-5: too small is slow, too large overshoots or diverges).

Signal: the learning-rate range test over seeds (Smith, "Cyclical Learning Rates", 2017, section 3.3): rates whose
short training falls at least 90 % as far as the best one's are workable. Threshold: the run's rate outside
their interval. Without a test: the history's verdict (diverging, oscillating) alone is read.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import rate, rate_of
from netwright.diagnose.convergence import classify
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-33"
CHECK = Check(ID, "wrong_rate", "a learning rate that does not work")


def wrong_rate(evidence: Evidence) -> Finding:
    """Find a rate that is too small or too large."""
    own, test = rate_of(evidence.controls), evidence.range_test
    if test is not None:
        seen = (
            f"the rate is {own:.3g}; workable over {len(test.losses)} seeds: {test.low:.3g} to "
            f"{test.high:.3g}, best {test.best:.3g}"
        )
        if test.low <= own <= test.high:
            return CHECK.healthy(seen)
        word = "small" if own < test.low else "large"
        return CHECK.found(seen, rate(evidence, f"The rate is too {word}.", factor=1.0))
    if len(evidence.history) < 4:
        return CHECK.missing("no range test, and fewer than 4 epochs of history")
    told = classify(evidence.history["train_loss"].to_numpy())
    seen = (
        f"the training loss is {told.kind}: relative slope {told.slope} a tenth of the training (90 %); "
        "threshold 0 for a fall"
    )
    if told.kind not in ("diverging", "oscillating"):
        return CHECK.healthy(seen)
    return CHECK.found(seen, rate(evidence, f"The training loss is {told.kind}: lower the rate.", factor=0.1))
