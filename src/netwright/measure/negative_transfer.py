"""CK-30: do the targets help each other, or would one be learned better alone?"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
import polars as pl

from netwright.core import atomic
from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.data.targets_encoder import TargetsEncoder
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import Interval
from netwright.diagnose.paired import change
from netwright.measure.conflict import SHARED, conflicts
from netwright.measure.rows import dev_of, errors_of, finite, metric_of
from netwright.train.auto import resolve
from netwright.train.cohort import Cohort
from netwright.train.job import facts_of
from netwright.train.population import Population, fit_population, train_members
from netwright.train.pretrained import prepare
from netwright.train.run import Run
from netwright.train.single import controls_alone, prepared_alone

ID, TITLE = "CK-30", "negative transfer"
FILE = "transfer.json"
STAGES = (0.1, 0.5, 1.0)
"""Shares of the epochs after which the gradients are looked at: at the very end they may only undo each other."""


@dataclass(frozen=True)
class Gain:
    """What one target gains by being learned with the others.

    Attributes:
      target: its name; metric: "error" (share of rows predicted wrongly) or "mse".
      alone, together: the mean dev error of networks that learn it alone, and with the others.
      gain: alone − together, with its interval over seeds and rows; below 0 the others harm it.
    """

    target: str
    metric: str
    alone: float
    together: float
    gain: Interval

    @property
    def verdict(self) -> str:
        """Helped, harmed, or no difference shown."""
        if not self.gain.excludes_zero:
            return "no difference shown"
        return "helped by the others" if (self.gain.estimate or 0) > 0 else "harmed by the others"

    def __str__(self) -> str:
        return f"{self.target}: {self.metric} {self.together:.4g} together, {self.alone:.4g} alone: {self.verdict}"


@dataclass(frozen=True)
class Transfer:
    """What each of several targets gains by the others, and how their gradients agree.

    Attributes:
      name: of the data; gains: of each target; seeds: pairs of trainings for each; epochs: of each training.
      conflicts: as :func:`netwright.measure.conflict.conflicts` has it, with the epoch.
      weighting: of the targets; seconds: that the trainings took.
    """

    name: str
    gains: tuple[Gain, ...]
    conflicts: pl.DataFrame
    seeds: int
    epochs: int
    weighting: str
    seconds: float

    @property
    def findings(self) -> tuple[Finding, ...]:
        """CK-30 for each target: found where its interval lies below 0."""
        return tuple(self._finding(gain) for gain in self.gains)

    def _finding(self, gain: Gain) -> Finding:
        evidence = (
            f"{gain.target}: {gain.metric} alone − together is {gain.gain} "
            f"({gain.gain.confidence:.0%}, {self.seeds} pairs of seeds at {self.epochs} epochs); threshold 0"
        )
        if gain.gain.high is None or gain.gain.high >= 0:
            return Finding(ID, TITLE, "healthy", evidence)
        against = self.conflicts.filter(
            (pl.col("layer") == SHARED)
            & ((pl.col("first") == gain.target) | (pl.col("second") == gain.target))
        )["conflict"].max()
        opposed = against is not None and float(str(against)) > 0.5
        if self.weighting == "fixed":
            control = "optimization.targets.weighting"
            wanted = "pcgrad" if opposed else "uncertainty"
            why = "their gradients mostly conflict" if opposed else "its loss may be too small to be heard"
            reason = f"The other targets harm '{gain.target}', and {why}: set {control}={wanted}, and measure again."
            advice = Prescription(control, {control: wanted}, reason, "avoidable bias")
        else:
            reason = f"The other targets harm '{gain.target}' though they are weighed: train it alone."
            advice = Prescription("data", {}, reason)
        return Finding(ID, TITLE, "found", evidence, 1.0, advice)

    def __str__(self) -> str:
        lines = [f"{self.name}: {len(self.gains)} targets in one network against one network each"]
        lines += [f"  {gain}; gain {gain.gain}" for gain in self.gains]
        last = self.conflicts.filter(pl.col("layer") == SHARED)
        lines += [
            f"  gradients of {row['first']} and {row['second']} after {row['epoch']} epochs: cosine "
            f"{row['cosine']:.2f}, opposed in {row['conflict']:.0%} of the batches"
            for row in last.to_dicts()
            if row["cosine"] is not None
        ]
        found = [f for f in self.findings if f.prescription is not None]
        lines += [f"{TITLE} ({ID}): {f.prescription.reason}" for f in found if f.prescription is not None]
        return "\n".join(lines if found else [*lines, f"no {TITLE} shown ({ID})"])

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        atomic.write_text(path, json.dumps(self.to_json(), indent=2, ensure_ascii=False))

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists and numbers."""
        return {
            "version": 1,
            "name": self.name,
            "gains": [{**asdict(gain), "verdict": gain.verdict} for gain in self.gains],
            "findings": [asdict(finding) for finding in self.findings],
            "conflicts": self.conflicts.to_dicts(),
            **{name: getattr(self, name) for name in ("seeds", "epochs", "weighting", "seconds")},
        }


def negative_transfer(
    what: Dataset | Run,
    controls: Controls | None = None,
    *,
    seeds: int = 5,
    confidence: float = 0.9,
) -> Transfer:
    """Train the targets together and each alone, under the same seeds, and tell which gains and which loses.

    Both sides have the same split and encoding, the same trunk, the same controls and as many epochs; a target that
    rows lack is learned alone from the rows that have it. All seeds of a side are one compiled population.

    Args:
      what: data of several targets; or a run of them, with its controls.
      controls: how to train; by default the run's, or what is chosen for the data.
      seeds: pairs of trainings for each target.
      confidence: of the intervals.

    Raises:
      ControlError: there is one target only, fewer than two seeds, or a module of a user's own.
      DataError: there are no dev rows, or none that have a target.
      TrainingError: a training diverged.

    Example:
      ``print(nw.negative_transfer(nw.read("adult.csv", target=["income", "hours"])))``
    """
    begun = time.monotonic()
    if isinstance(what, Run):
        if what.record["model"] is None:
            raise ControlError(
                "negative_transfer: the run trains a module of your own; give data and controls"
            )
        prepared, controls = what.prepared, controls or what.controls
    else:
        controls = controls or Controls()
        prepared = prepare(what, controls)
    encoder = prepared.target
    if not isinstance(encoder, TargetsEncoder) or seeds < 2:
        raise ControlError(
            f"negative_transfer: found {len(prepared.labels.names)} target and {seeds} seeds, expected two of each at "
            "least: nw.read(file, target=['a', 'b'])"
        )
    if isinstance(what, Dataset):
        controls = resolve(controls, facts_of(prepared))
    dev_of(prepared)
    cohort = Cohort(prepared, controls, seeds=list(range(seeds)))
    population, gradients = _in_stages(cohort, prepared)
    outputs = population.outputs("dev")
    gains: list[Gain] = []
    start = 0
    for place, (name, part) in enumerate(encoder.parts.items()):
        own = outputs[:, :, start : start + part.n_out]
        own = own if part.task == "multiclass" else own[:, :, 0]
        start += part.n_out
        alone = prepared_alone(prepared, name)
        single = fit_population(alone, controls_alone(controls, part.task), seeds=list(range(seeds)))
        known = ~np.isnan(dev_of(prepared).y[:, place])
        dev = dev_of(alone)
        errors = [errors_of(alone, each, dev) for each in (single.outputs("dev"), own[:, known])]
        table = finite(errors[0]) - finite(errors[1])
        gain = change(table, confidence=confidence).interval
        means = [float(each.mean()) for each in errors]
        gains.append(Gain(name, metric_of(part.task), means[0], means[1], gain))
    return Transfer(
        prepared.source,
        tuple(gains),
        gradients,
        seeds,
        int(controls.optimization.epochs),
        controls.optimization.targets.weighting,
        time.monotonic() - begun,
    )


def _in_stages(cohort: Cohort, prepared: Prepared) -> tuple[Population, pl.DataFrame]:
    """Train all members to the end, looking at the gradients of the first one on the way."""
    members: Sequence[int] = range(len(cohort))
    population, found = None, list[pl.DataFrame]()
    for epochs in sorted({max(1, round(share * cohort.epochs)) for share in STAGES}):
        states = None if population is None else population.states()
        population = train_members(cohort, members, states=states, epochs=epochs)
        state = population.training.now.carry.state
        first: Any = jax.tree.map(
            lambda array: array[0], (population.training.hyper, state.params, state.rest)
        )
        table = conflicts(cohort.plan, *first, prepared.train)
        found.append(table.select(pl.lit(epochs).alias("epoch"), pl.all()))
    assert population is not None, "the last stage has all epochs"
    return population, pl.concat(found)
