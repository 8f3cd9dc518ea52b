"""The terms of the budget, put together from what was measured."""

from typing import Any

import numpy as np

from netwright.diagnose.bayes.records import BayesEstimate
from netwright.diagnose.budget import Term
from netwright.diagnose.interval import Interval, of_difference
from netwright.diagnose.learning_curve import LearningCurve

NAMES = {
    "DG-1": "bayes",
    "DG-2": "optimization",
    "DG-3": "approximation",
    "DG-4": "estimation",
    "DG-5": "shift",
    "DG-6": "dev overfit",
}


def not_measured(id: str, why: str) -> Term:
    """Return a term that nothing is known of."""
    return Term(id, NAMES[id], None, "not measured", why)


def by_construction(id: str, why: str) -> Term:
    """Return a term that is 0 by the way the data came to be."""
    return Term(id, NAMES[id], Interval(0.0, 0.0, 0.0), "by construction", why)


def bayes(found: BayesEstimate) -> Term:
    """Return DG-1 from what :func:`netwright.diagnose.bayes.estimate` found."""
    kept = [candidate for candidate in found.candidates if not candidate.struck]
    method = (
        f"{found.rows:,} rows; {len(kept)} candidates, {len(found.candidates) - len(kept)} struck; noise test "
        f"{'passed' if found.noise_test.passed else 'not passed by all'}"
    )
    return Term("DG-1", NAMES["DG-1"], found.interval, found.verdict, method, "; ".join(found.assumptions))


def bayes_figure(found: BayesEstimate) -> dict[str, Any]:
    """Return all candidates for the ends of the Bayes error, struck ones included, and what they rest on."""
    candidates = [
        {
            "name": one.name,
            "space": one.space,
            "side": one.side,
            "low": one.interval.low,
            "estimate": one.value,
            "high": one.interval.high,
            "assumption": one.assumption,
            "struck": one.struck,
            "reason": one.why,
        }
        for one in found.candidates
    ]
    ends = {"low": found.low, "estimate": found.estimate, "high": found.high, "verdict": found.verdict}
    return {**ends, "candidates": candidates, "assumptions": list(found.assumptions)}


def approximation(
    bayes: Term, train: Interval, optimization: Term, curve: LearningCurve | None, wider: Interval | None
) -> Term:
    """Return DG-3: ``c − R*`` where the learning curve identifies c, else training error − R* − optimization.

    Args:
      bayes, optimization: DG-1 and DG-2; train: the training error.
      curve: the learning curve; wider: how much the dev error falls at four times the width.
    """
    limit = bayes.interval if bayes.interval is not None else Interval(None, None, None)
    # Without a lower end the Bayes error may be anything from 0 on: the term keeps its upper end.
    known = limit.low is not None
    limit = limit.at_least(0.0)
    if curve is not None and curve.identified:
        interval, method = curve.c.minus(limit), f"learning curve: c = {curve.c}, less the Bayes error"
        assumption = "the curve goes on as measured"
    else:
        taken = (
            optimization.interval.at_least(0.0)
            if optimization.interval is not None
            else Interval(0.0, 0.0, 0.0)
        )
        interval, method = (
            train.minus(limit).minus(taken),
            "training error less the Bayes error and the optimization",
        )
        assumption = "the training error is that of the best network of this kind"
    if limit.estimate is None and interval.high is not None:
        interval = Interval(interval.low, None, interval.high, interval.confidence)
    interval = interval.at_least(0.0)
    if wider is not None:
        method += f"; four times the width lowers the dev error by {wider}"
        if wider.low is not None and wider.low > (interval.low or 0.0):
            high = None if interval.high is None else max(interval.high, wider.low)
            interval = Interval(wider.low, interval.estimate, high, interval.confidence)
    return Term("DG-3", NAMES["DG-3"], interval, "bounded" if known else "upper only", method, assumption)


def estimation(
    train: np.ndarray,
    held_out: np.ndarray,
    curve: LearningCurve | str,
    variance: Interval | None,
    *,
    where: str,
) -> Term:
    """Return DG-4: ``err(n) − c`` where the learning curve identifies c, else held-out error − training error.

    Args:
      train, held_out: errors row by row; where: what the held-out rows are called.
      curve: the learning curve, or why there is none; variance: over refits on resamples.
    """
    refits = "" if variance is None else f"; refits on resamples vary by {variance}"
    if isinstance(curve, LearningCurve) and curve.identified:
        method = f"learning curve: err(n) − c at {curve.sizes[-1]:,} rows{refits}"
        return Term(
            "DG-4", NAMES["DG-4"], curve.estimation, "measured", method, "the curve goes on as measured"
        )
    interval = of_difference(held_out, train)
    method = f"error on {where} less the training error, {len(held_out):,} and {len(train):,} rows{refits}"
    if isinstance(curve, LearningCurve):
        method += f"; learning curve: c not identified ({curve.reason})"
    elif curve:
        method += f"; learning curve: not measured ({curve})"
    assumption = "the training error is that of the best network of this kind"
    return Term("DG-4", NAMES["DG-4"], interval, "measured", method, assumption)


def shift(dev: np.ndarray, alike: np.ndarray, *, where: str) -> Term:
    """Return DG-5: the error on dev less that on rows like the training rows that were never trained on."""
    method = f"dev error less the error on {where}, {len(dev):,} and {len(alike):,} rows"
    return Term("DG-5", NAMES["DG-5"], of_difference(dev, alike), "measured", method)


def dev_overfit(test: np.ndarray, dev: np.ndarray, openings: int) -> Term:
    """Return DG-6: the error on test less that on dev."""
    method = f"test error less dev error, {len(test):,} and {len(dev):,} rows; the test set has been opened {openings}×"
    return Term("DG-6", NAMES["DG-6"], of_difference(test, dev), "measured", method)
