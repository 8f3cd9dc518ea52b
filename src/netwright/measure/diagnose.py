"""``run.diagnose()``: measure the budget, run the checks, name the one thing to do next."""

import json
import time
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from netwright.core import atomic, catalog
from netwright.core.duration import seconds_of
from netwright.core.errors import RunError
from netwright.data.dataset import Dataset
from netwright.data.targets import require_one
from netwright.diagnose.budget import Budget
from netwright.diagnose.diagnosis import Diagnosis
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding
from netwright.diagnose.prescribe import prescribe
from netwright.measure import evidence as evidences
from netwright.measure.budget import Measurements
from netwright.measure.clock import Clock
from netwright.measure.subject import Subject
from netwright.train.run import Run

FULL, QUICK = 5.0, 0.5
"""How many times the seconds of the fit a diagnosis takes; the last measurement begun may take a little longer.

A quick one has to import and read again what the fit's process did, too: that is the other half.
"""
LEAST_FULL, LEAST_QUICK = 15.0, 0.6
"""Seconds that the diagnosis of the smallest run may take."""
CHECKS = 0.35
"""The share of what is left that the trainings for the checks may take."""
FILE = "diagnosis.json"


def diagnose(
    run: Run,
    data: "Dataset | tuple[Any, Any] | None" = None,
    *,
    quick: bool = False,
    budget: float | str | None = None,
    open_test: bool = False,
    checks: bool = True,
) -> Diagnosis:
    """Say what the error of a run is made of, what is wrong with it, and the one thing to do next.

    Measured in this order, as far as the time goes: the errors; the Bayes error; the shift, when dev rows come from
    elsewhere; other trainings; what the checks read; the learning curve; refits on resamples; a wider network. What
    there is no time for is reported as not measured. A run with a folder keeps the answer there, in diagnosis.json.

    Args:
      run: a finished run.
      data: other rows whose error to explain: a data set, or (X, y); by default the run's dev rows.
      quick: take no longer than the fit itself, and train no networks for the budget.
      budget: seconds, or text such as "2m"; by default five times as long as the fit.
      open_test: also judge the test rows; the opening is recorded.
      checks: whether to run the checks.

    Raises:
      DataError: there are no dev rows, or the other data do not fit the run.
      RunError: the run was loaded and its data cannot be found again; it broke in its first epoch, or its outputs
        are not finite; or there are no test rows to open.
    """
    require_one(run.targets, "diagnose")
    begun = time.monotonic()
    subject = _subject(run, data)
    fit = float(run.history["seconds"].sum()) + time.monotonic() - begun
    seconds = max(LEAST_QUICK, QUICK * fit) if quick else max(LEAST_FULL, FULL * fit)
    if budget is not None:
        seconds = seconds_of(budget)
    clock = Clock.of(run, seconds)
    clock.start = begun
    measured = Measurements(subject, clock, trains=not quick)
    if open_test:
        measured.open_test()
    measured.estimate_bayes()
    measured.train_without_slices()
    measured.try_other_trainings(share=0.35)
    evidence = None
    if checks:
        seconds = clock.left if quick else CHECKS * clock.left
        evidence = evidences.gather(
            run, seconds=seconds, budget=measured.budget(), shift=measured.detect_shift()
        )
    measured.measure_curve(share=0.9)
    measured.refit()
    measured.widen()
    found = measured.budget()
    findings = () if evidence is None else findings_of(evidence, found)
    figures = measured.figures() | ({} if evidence is None else figures_of(evidence))
    advice = prescribe(found, findings, measured.remedies(), quick=quick)
    diagnosis = Diagnosis(run.record["data"]["name"], found, findings, advice, figures, clock.spent)
    if run.path is not None:
        text = json.dumps(diagnosis.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
        atomic.write_text(run.path / FILE, text)
    return diagnosis


def _subject(run: Run, data: "Dataset | tuple[Any, Any] | None") -> Subject:
    """Return what is diagnosed, unless the training broke and left nothing to measure."""
    broke = "it broke in its first epoch" if run.history.is_empty() else ""
    if not broke:
        subject = Subject.of(run, data)
        if np.isfinite(subject.train_errors).all() and np.isfinite(subject.dev_errors).all():
            return subject
        broke = "its outputs are not finite"
    raise RunError(
        f"diagnose: nothing can be measured of the run, {broke} ({run.record.get('reason', run.status)}); lower "
        "optimization.learning_rate or set optimization.clip_norm=1, and train anew"
    )


def figures_of(evidence: Evidence) -> dict[str, Any]:
    """Return the numbers behind the pictures that the checks' own measurements give."""
    test, seeds = evidence.range_test, evidence.seed_history
    found = {
        "range_test": None if test is None else asdict(test),
        "seed_history": None if seeds is None else seeds.to_dicts(),
        "shift": None if evidence.shift is None else evidence.shift.to_json(),
    }
    return {name: figure for name, figure in found.items() if figure is not None}


def findings_of(evidence: Evidence, budget: Budget) -> tuple[Finding, ...]:
    """Run every check on the evidence, with the budget as it ended; the gravest finding comes first."""
    whole = replace(evidence, budget=budget)
    found = [catalog.load("diagnose.checks", name)(whole) for name in catalog.names("diagnose.checks")]
    return tuple(sorted(found, key=lambda finding: -finding.severity))
