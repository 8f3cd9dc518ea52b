"""CK-33: a learning rate outside the workable ones (TD-5: too small is slow, too large overshoots or diverges).

Signal: the learning-rate range test over seeds (:func:`netwright.range_test`): rates whose training loss falls at
least 90 % as far as the best one's are workable. Thresholds: the run's rate lies outside their interval, and loses
more than half of the best one's fall, and the best one falls by a tenth of a constant prediction's loss (own: a rate
that memorizes faster is no better rate); and no restraint (a penalty, dropout, …), lifted at this very rate, lowers
the training loss by more than the best rate does, a quarter at least: then it is the restraint that no rate suits.
Without a test the history's verdict (diverging, oscillating) alone is read.
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import RATE, rate, rate_of
from netwright.diagnose.convergence import classify
from netwright.diagnose.evidence import Evidence, RangeTest, Trial
from netwright.diagnose.finding import Finding

ID = "CK-33"
CHECK = Check(ID, "wrong_rate", "a learning rate that does not work")
OF_FALL, LEARNED, TRAIN_SHARE = 0.5, 0.1, 0.25


def wrong_rate(evidence: Evidence) -> Finding:
    """Find a rate that is too small or too large."""
    own, test = rate_of(evidence.controls), evidence.range_test
    if test is not None:
        seen = (
            f"the rate is {own:.3g}; workable over {len(test.losses)} seeds: {test.low:.3g} to "
            f"{test.high:.3g}, best {test.best:.3g}"
        )
        share, learned = lost(evidence, test)
        seen += f"; it loses {share:.0%} of the best one's fall; threshold {OF_FALL:.0%}"
        # Where no rate learns, the rate is not what is wrong.
        if test.low <= own <= test.high or share <= OF_FALL or learned <= LEARNED:
            return CHECK.healthy(seen)
        held = held_back(evidence)
        if held is not None:
            return CHECK.healthy(f"{seen}; but with {held.control} lifted the network learns at this rate")
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


def blamed(evidence: Evidence) -> Trial | None:
    """Return the restraint for which the run's rate loses so much, where the rate is not to blame."""
    own, test = rate_of(evidence.controls), evidence.range_test
    if test is None or test.low <= own <= test.high:
        return None
    share, learned = lost(evidence, test)
    return held_back(evidence) if share > OF_FALL and learned > LEARNED else None


def held_back(evidence: Evidence) -> Trial | None:
    """Return the restraint without which the training loss falls further, at this rate, than at the best one."""
    trials = evidence.trials or ()
    by_rate = max((trial.train.estimate or 0.0 for trial in trials if trial.control == RATE), default=0.0)
    for trial in trials:
        fall = trial.train.low or 0.0
        restraint = trial.control.startswith("regularization.")
        if restraint and fall > by_rate and (trial.train.estimate or 0.0) > TRAIN_SHARE * trial.train_before:
            return trial
    return None


def lost(evidence: Evidence, test: RangeTest) -> tuple[float, float]:
    """Return the share of the best rate's fall that the run's rate loses, and that fall against a constant's loss."""
    middle = np.median(test.losses, axis=0)
    own = middle[int(np.argmin(np.abs(np.log(test.rates / rate_of(evidence.controls)))))]
    best = float(middle.min())
    constant = (
        evidence.start.prior_loss if evidence.start is not None else float(middle[np.isfinite(middle)].max())
    )
    fall = max(constant - best, 0.0)
    return float(min((own - best) / max(fall, 1e-12), 10.0)), fall / constant
