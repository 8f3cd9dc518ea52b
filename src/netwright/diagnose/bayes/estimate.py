"""The estimate: an upper end that is guaranteed, a lower end that is argued for, or the refusal of one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import ControlError
from netwright.diagnose.bayes import formulas, inputs, learners, local, noise, upper
from netwright.diagnose.bayes.inputs import MOST_LOCAL, Inputs
from netwright.diagnose.bayes.learners import Judged
from netwright.diagnose.bayes.local import Space
from netwright.diagnose.bayes.records import BayesEstimate, Candidate, NoiseCheck, NoiseTest, Verdict
from netwright.diagnose.interval import of_mean

# Slowest usual rate of a learning curve, n^(−1/2): a doubling gains Δ, and Δ / (√2 − 1) is still to come.
STILL_TO_COME = 1 / (np.sqrt(2) - 1)
# Models near guessing may have missed the signal: then their scores say nothing of a lower end.
LEARNED = 0.6
GUARANTEE = (
    "upper end: rows are independent draws, and those that judged took no part in training or selection"
)


def estimate(
    X: Any,
    y: Any,
    confidence: float = 0.9,
    *,
    task: str | None = None,
    models: Mapping[str, Any] | None = None,
    judged: Sequence[tuple[str, Any]] | Sequence[tuple[str, int, int]] = (),
    features: Any = None,
    soft_labels: Any = None,
    seed: int = 0,
) -> BayesEstimate:
    """Estimate the error that no model can beat: ``E_x[1 − max_k P(y=k|x)]``, or the noise variance ``E Var(y|x)``.

    The upper end is the least Clopper–Pearson limit (Hall's limit of the mse in regression) of M frozen models at level
    α/M, on rows that took no part in training or selection. The lower end is the least lower confidence limit of the
    candidates that were not struck, in the raw inputs and in learned scores. Each end has half of α = 1 − confidence.

    Args:
      X: (n, d) numbers; y: (n,) labels or numbers. Of more rows, 12,000 are read, drawn at random.
      confidence: of the interval.
      task: "binary", "multiclass" or "regression"; by default what y asks for.
      models: name → unfitted scikit-learn model, in place of the families fitted here.
      judged: models frozen elsewhere, on rows they never saw: (name, wrong, total); in regression (name, squared
        errors).
      features: (n, d') learned features of the rows, as one more space.
      soft_labels: (n, K) shares of votes from the process that made the labels.
      seed: of the order of rows and of the models.

    Raises:
      DataError: X is not numeric, holds missing values (the column is named), or is too short.
      ControlError: confidence is not between 0 and 1.

    Sources: Cover and Hart (1967); Devroye (1981); Henze and Penrose (1999); Clopper and Pearson (1934); Hall (1992);
    Snapp and Xu (1995) for the extrapolation of neighbours; Antos, Devroye and Györfi (1999) for why a lower end needs
    assumptions.

    Example:
      >>> print(nw.bayes.estimate(X, y))
    """
    if not 0 < confidence < 1:
        raise ControlError(
            f"bayes.estimate: confidence is {confidence}; expected a share between 0 and 1, as 0.9"
        )
    rng = np.random.default_rng(seed)
    rows = inputs.read(X, y, task, features, soft_labels, rng)
    known = dict(models or learners.families(rows, seed))
    fitted = learners.judge(rows, known)
    uppers = upper.candidates(fitted, judged, rows.classes, confidence)
    high = min(one.interval.high for one in uppers if one.interval.high is not None)
    raw = local.space("raw", "raw", rows.X[:MOST_LOCAL], rng)
    settled = raw.is_near and local.settled(local.readings(raw, rows.y[:MOST_LOCAL], rows.classes))
    learned = _learned(rows, fitted[0], settled, rng)
    lowers, checks = _lowers([raw, *learned], rows, fitted[0], known, confidence, rng)
    if rows.votes is not None:
        lowers.append(_of_votes(rows.votes, confidence))
    test = NoiseTest(noise.RHO, tuple(checks))
    candidates = _strike(lowers, high, test, settled or high <= LEARNED * rows.guessing)
    low = _least(candidates)
    verdict: Verdict = (
        "bounded" if low is not None else "upper only" if high < rows.guessing else "not identified"
    )
    best = min(fitted, key=lambda one: one.losses.mean())
    # The next doubling of the rows is taken to help as much, in proportion, as the last one.
    middle = float(best.losses.mean()) * min(1.0, best.losses.mean() / max(best.earlier.mean(), 1e-300))
    return BayesEstimate(
        low=low,
        high=high,
        estimate=None if verdict == "not identified" else float(np.clip(middle, low or 0.0, high)),
        verdict=verdict,
        candidates=(*candidates, *uppers, *upper.plug_in(best, rows, confidence)),
        noise_test=test,
        assumptions=_assumptions(candidates, low),
        metric="error" if rows.classes else "mse",
        confidence=confidence,
        rows=rows.rows,
    )


def _learned(rows: Inputs, best: Judged, settled: bool, rng: np.random.Generator) -> list[Space]:
    """Return the learned spaces: given features, and the best model's scores on held-out rows.

    Where the raw inputs have settled, the scores are one more candidate; where not, the lower end rests on them, and
    what the learning curve may still gain is taken off.
    """
    found = [local.space(name, "learned", x[:MOST_LOCAL], rng) for name, x in rows.spaces.items()]
    fall, error = (0.0, 0.0) if settled else best.fall
    scores = best.outputs[:MOST_LOCAL].reshape(min(len(best.outputs), MOST_LOCAL), -1)
    if np.ptp(scores, axis=0).any():
        allowance = max(0.0, fall) * STILL_TO_COME, error * STILL_TO_COME
        found.append(local.space(best.name, "learned", scores, rng, allowance, rows.held.start))
    return found


def _lowers(
    spaces: list[Space],
    rows: Inputs,
    best: Judged,
    known: Mapping[str, Any],
    confidence: float,
    rng: np.random.Generator,
) -> tuple[list[Candidate], list[NoiseCheck]]:
    found: list[Candidate] = []
    checks: list[NoiseCheck] = []
    variance = float(best.losses.mean())
    for place in spaces:
        y = rows.y[place.start : place.start + len(place.neighbours.places)]
        readings = local.readings(place, y, rows.classes)
        new = [local.candidate(reading, place, confidence) for reading in readings]
        found += new

        def again(labels: NDArray[Any], place: Space = place) -> list[local.Reading]:
            return local.readings(place, labels, rows.classes)

        checks += noise.of_readings(again, [one.name for one in new], y, rows.classes, variance, rng)
    labels = noise.noised(rows.y[rows.train], rows.classes, variance, rng)
    after = learners.refit(rows, known[best.name], labels)
    checks.append(noise.of_model(best.name, best.losses, after, rows, variance))
    return found, checks


def _of_votes(votes: NDArray[np.float64], confidence: float) -> Candidate:
    risk = of_mean(formulas.soft_risk(votes), confidence)
    assumption = (
        "votes come from the process that made the labels: disagreement of annotators is not Bayes error"
    )
    return Candidate("soft labels", float(risk.estimate or 0.0), risk, "lower", "labels", assumption)


def _strike(lowers: list[Candidate], high: float, test: NoiseTest, identified: bool) -> list[Candidate]:
    found: list[Candidate] = []
    for one in lowers:
        if one.value > high:
            one = one.strike(f"above the upper end, {high:.4g}")
        if one.name in test.failed:
            one = one.strike("breaks the law of the noise test")
        if not identified and one.space != "labels":
            one = one.strike(
                "near rows have not settled, and no model is far below guessing: a signal may be missed"
            )
        found.append(one)
    return found


def _least(candidates: list[Candidate]) -> float | None:
    """Return the least lower limit still standing; None when there is none, or it says no more than 0."""
    ends = [one.interval.low or 0.0 for one in candidates if not one.struck]
    return min(ends) if ends and min(ends) > 0 else None


def _assumptions(candidates: list[Candidate], low: float | None) -> tuple[str, ...]:
    if low is None:
        return (GUARANTEE,)
    resting = dict.fromkeys(one.assumption for one in candidates if not one.struck)
    return (GUARANTEE, *(f"lower end: {assumption}" for assumption in resting))
