"""Proof: one control off and on, the same seeds, the same order of the rows."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from netwright.core.controls import Controls
from netwright.core.errors import ControlError, TrainingError
from netwright.data.dataset import Dataset
from netwright.data.targets import require_one
from netwright.diagnose.finding import Prescription
from netwright.diagnose.interval import Interval
from netwright.diagnose.paired import Change, change
from netwright.measure.trial import Trial, train_trials

ADOPT = 0.75
"""P(better) from which a control is adopted, and below one minus which it is dropped (Bouthillier et al., 2021)."""

TERMS: tuple[str, ...] = ("train error", "gap", "train loss")
TERM_OF = {
    "optimization": "train loss",
    "approximation": "train error",
    "bias": "train error",
    "estimation": "gap",
    "variance": "gap",
}
"""Which of the terms that pairs of trainings show stands for a term of the budget."""


@dataclass(frozen=True)
class Proof:
    """What paired trainings say of a prescription.

    Attributes:
      prescription: what was tried.
      seeds: of the pairs.
      off, on: mean dev error without and with the control; None when nothing was trained.
      difference: of the dev error, on minus off, over seeds and rows; p_better: the probability that it is below 0.
      terms: "train error" (the bias side), "gap" (dev minus train error: the variance side) and "train loss" (the
        optimization side, in the loss's own unit) → change with its interval.
      moved: whether the term that the prescription aims at fell, by its interval; None when it aims at none
        that pairs of trainings show.
      others_stayed: whether no other term's interval excludes 0.
      verdict: "adopt" when p_better ≥ 0.75, "drop" when it is ≤ 0.25 or a training diverged, else
        "inconclusive"; "nothing to try" when the prescription is no setting, but a measurement or a person's work.
    """

    prescription: Prescription
    seeds: tuple[int, ...]
    off: float | None
    on: float | None
    difference: Interval
    p_better: float
    terms: dict[str, Interval]
    moved: bool | None
    others_stayed: bool
    verdict: Literal["adopt", "drop", "inconclusive", "nothing to try"]

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and lists; an error that is not finite becomes None."""
        return asdict(self) | {"on": self.on if self.on is not None and np.isfinite(self.on) else None}

    def __str__(self) -> str:
        if self.off is None or self.on is None:
            return f"{self.prescription.control}: {self.verdict}; {self.prescription.reason}"
        lines = [
            f"{words(self.prescription)}: {self.verdict}",
            f"  dev error    {self.off:.4g} → {self.on:.4g}, {self.difference}, P(better) {self.p_better:.2f}",
        ]
        return "\n".join(lines + [f"  {name:<12} {interval}" for name, interval in self.terms.items()])


def words(prescription: Prescription) -> str:
    """Return a prescription's settings as ``--set`` takes them."""
    return ", ".join(f"{name}={_value(value)}" for name, value in prescription.settings.items())


def verify(
    ds: Dataset,
    controls: Controls,
    prescription: Prescription,
    *,
    seeds: int | Sequence[int] = 5,
    confidence: float = 0.9,
) -> Proof:
    """Train pairs without and with what is prescribed, and tell what changed.

    The pairs are one compiled population where the settings are numbers that the program traces, else two. The
    dev error decides; the terms tell whether it fell for the reason it should have. Where what is prescribed is not a
    setting ("measure", "data"), nothing is trained, and the verdict says so.

    Args:
      ds: what to learn.
      controls: without the prescription; each "auto" is chosen for the data.
      prescription: its ``settings`` are the change.
      seeds: how many pairs, or their seeds.
      confidence: of the intervals.

    Raises:
      ControlError: the prescription changes which rows are dev rows.
      DataError: there are no dev rows.
      TrainingError: all trainings without the control diverge.
    """
    require_one(ds.labels.names, "verify")
    seeds = range(seeds) if isinstance(seeds, int) else seeds
    if not prescription.settings:
        return _nothing_to_try(prescription, confidence)
    changed = applied(controls, prescription)
    sides = [(controls, seed) for seed in seeds] + [(changed, seed) for seed in seeds]
    trials = train_trials(ds, sides)
    return proof_of(prescription, trials[: len(seeds)], trials[len(seeds) :], confidence)


def applied(controls: Controls, prescription: Prescription) -> Controls:
    """Return the controls with what is prescribed.

    Raises:
      ControlError: nothing is prescribed that a training could try.
    """
    if not prescription.settings:
        raise ControlError(
            f"verify: '{prescription.control}' is not a setting; a person must act: {prescription.reason}"
        )
    changed = controls
    for name, value in prescription.settings.items():
        changed = changed.with_setting(f"{name}={_value(value)}")
    fields = ("dev_fraction", "test_fraction", "split", "split_column", "split_seed")
    for field in fields:
        if getattr(changed.data, field) != getattr(controls.data, field):
            raise ControlError(
                f"verify: data.{field} decides which rows are dev rows; errors on other rows are no pairs"
            )
    return changed


def _nothing_to_try(prescription: Prescription, confidence: float) -> Proof:
    unknown = Interval(None, None, None, confidence)
    return Proof(
        prescription,
        seeds=(),
        off=None,
        on=None,
        difference=unknown,
        p_better=0.5,
        terms={},
        moved=None,
        others_stayed=True,
        verdict="nothing to try",
    )


def proof_of(
    prescription: Prescription, off: Sequence[Trial], on: Sequence[Trial], confidence: float = 0.9
) -> Proof:
    """Return the proof that trials with equal seeds make, pair by pair.

    Raises:
      TrainingError: a training without the control diverged.
    """
    if not all(trial.finite for trial in off):
        raise TrainingError(
            "the loss ceases to be finite without the control; lower optimization.learning_rate"
        )
    seeds = tuple(trial.seed for trial in off)
    before = float(np.mean([trial.dev.mean() for trial in off]))
    if not all(trial.finite for trial in on):
        unknown = Interval(None, None, None, confidence)
        terms: dict[str, Interval] = dict.fromkeys(TERMS, unknown)
        return Proof(
            prescription,
            seeds,
            before,
            np.inf,
            unknown,
            0.0,
            terms,
            None,
            others_stayed=False,
            verdict="drop",
        )
    dev = _table(off, on, "dev")
    dev_error = change(dev, confidence=confidence)
    changes = _changes(off, on, dev, confidence)
    aim = TERM_OF.get(prescription.term)
    return Proof(
        prescription,
        seeds,
        off=before,
        on=float(np.mean([trial.dev.mean() for trial in on])),
        difference=dev_error.interval,
        p_better=dev_error.p_lower,
        terms={name: found.interval for name, found in changes.items()},
        moved=None if aim is None else (changes[aim].interval.high or 0.0) < 0,
        others_stayed=not any(found.clear for name, found in changes.items() if name != aim),
        verdict=_verdict(dev_error.p_lower),
    )


def _changes(
    off: Sequence[Trial], on: Sequence[Trial], dev: np.ndarray, confidence: float
) -> dict[str, Change]:
    train, loss = _table(off, on, "train"), _table(off, on, "train_loss")
    found = (
        change(train, confidence=confidence),
        change(dev, -train, confidence=confidence),
        change(loss, confidence=confidence),
    )
    return dict(zip(TERMS, found, strict=True))


def _table(off: Sequence[Trial], on: Sequence[Trial], name: str) -> np.ndarray:
    return np.stack([getattr(new, name) - getattr(old, name) for old, new in zip(off, on, strict=True)])


def _verdict(p_better: float) -> Literal["adopt", "drop", "inconclusive"]:
    if p_better >= ADOPT:
        return "adopt"
    return "drop" if p_better <= 1 - ADOPT else "inconclusive"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
