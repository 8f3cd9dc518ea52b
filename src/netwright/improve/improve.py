"""The loop: measure → prescribe → prove → keep or drop, and explore when nothing prescribed is left."""

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from netwright.core.controls import Controls
from netwright.core.duration import seconds_of
from netwright.core.errors import ControlError, DataError, NetwrightError
from netwright.core.keys import checked_seed
from netwright.data.dataset import Dataset
from netwright.data.targets import require_one
from netwright.diagnose.finding import Prescription
from netwright.diagnose.interval import Interval, of_mean, of_proportion
from netwright.improve import telling
from netwright.improve.advice import advice
from netwright.improve.explore import CHILDREN, children
from netwright.improve.folder import ImprovementFolder, Kept, asked_of
from netwright.improve.pool import Pool, average
from netwright.improve.story import Improvement, Step, StepKind, clock
from netwright.improve.verify import Proof, applied, proof_of, words
from netwright.measure.clock import Clock
from netwright.measure.diagnose import diagnose
from netwright.measure.trial import Trial, judge, train_trials
from netwright.train.auto import resolve
from netwright.train.compute import counted
from netwright.train.fit import fit
from netwright.train.interrupt import Interrupted
from netwright.train.job import facts_of
from netwright.train.pretrained import prepare

FIRST_PAIRS, PAIRS = 2, 5
"""Two pairs show what is hopeless; five prove."""
FRUITLESS = 2
"""Rounds of exploring that may pass without a lower dev error."""
SHORTER, LEAST_EPOCHS = 5, 10
"""The first trainings take a fifth of the epochs that suit the data, and no fewer than ten."""


def improve(
    ds: Dataset,
    budget: str | float = "10m",
    controls: Controls | None = None,
    seed: int = 0,
    progress: Callable[[Improvement], None] | None = None,
    out: str | Path | None = None,
) -> Improvement:
    """Train a model, find what holds it back, change one control, prove it, and go on.

    A change is kept when five pairs of trainings, equal but for it, say with probability 0.75 or more that the dev
    error falls; two pairs are enough to drop one. After what the diagnosis prescribes, networks like the best ones are
    trained in rounds, their learning rate, weight decay and dropout changed by chance: the controls stay as they are
    proven, but the best network may be found so, and averages gain members. When two rounds made nothing better, other
    controls are tried in a fixed order. The loop ends when the dev error cannot be told from the lower end of the
    Bayes error, when nothing of all this is left, or when the budget is spent. Many short trainings find more than few
    long ones: where the controls leave ``optimization.epochs`` open, the loop begins with a fifth of what a fit takes,
    and longer training is one of the changes that have to be proven.

    Returned is the best on the dev rows of all networks trained, the first among them, and of averages of them (see
    :class:`netwright.improve.pool.Pool`). Only a test set says how good it is: its dev error was chosen among several.

    Args:
      ds: what to learn.
      budget: time, such as "90s", "10m" or seconds; a step that would not fit any more is not begun.
      controls: of the first model; each "auto" is chosen for the data, ``epochs`` a fifth of that.
      seed: of the first model; the pairs have this one and the four that follow.
      progress: called with the improvement so far after every step.
      out: a folder for ``improvement.json`` and the runs; an improvement interrupted there goes on from what was kept.

    Raises:
      ControlError: the budget cannot be read, or controls contradict each other or the data.
      DataError: there are no dev rows.
      TrainingError: the first model diverges.
      RunError: ``out`` holds something else, or an improvement of other data, controls or seed.
      Interrupted: Ctrl-C or SIGTERM.
    """
    require_one(ds.labels.names, "improve")
    seconds, controls = seconds_of(budget), controls or Controls()
    if not len(ds.splits(controls.data).dev):
        raise DataError(f"{ds.name}: no dev rows to prove anything on; set data.dev_fraction above 0")
    folder = kept = None
    if out is not None:
        folder = ImprovementFolder(Path(out), asked_of(ds, controls, checked_seed(seed)))
        kept = folder.read(ds)
    loop = _Loop(ds, seconds, seed, progress, folder)
    try:
        return loop.run(controls, kept)
    except KeyboardInterrupt as interrupt:
        text = "nothing was kept"
        if folder is not None and folder.holds_runs:
            text = f"what was kept is in {folder.path}; ask again to go on"
        raise Interrupted(f"interrupted; {text}") from interrupt


class _Loop:
    """An improvement under way.

    Attributes:
      story: the improvement so far.
      best: its best run as a trial: one network, or an average.
      off: seed → trial with the controls kept; pool: all that averages may be made of.
      tried: settings tried, with these controls or before.
      rounds, fruitless: of exploring so far, and how many of the last made no better model.
      prescribed: by the last diagnosis; floor: the lower end of the Bayes error; limit: why there is nothing to gain.
    """

    story: Improvement
    best: Trial

    def __init__(
        self,
        dataset: Dataset,
        seconds: float,
        seed: int,
        progress: Callable[[Improvement], None] | None,
        folder: ImprovementFolder | None,
    ) -> None:
        self.dataset, self.seconds, self.progress, self.folder = dataset, seconds, progress, folder
        self.seeds = [seed + pair for pair in range(PAIRS)]
        self.off: dict[int, Trial] = {}
        self.pool = Pool()
        self.tried: list[str] = []
        self.rounds, self.fruitless = 0, 0
        self.prescribed: list[Prescription] = []
        self.floor: float | None = None
        self.limit = ""
        self.compute, self.before, self.began = 0, 0.0, time.monotonic()

    def run(self, controls: Controls, kept: Kept | None) -> Improvement:
        """Go through the loop and return the story."""
        if kept is None:
            self._start(controls)
        else:
            self._go_on(kept)
            if kept.reason and not kept.reason.startswith("the budget"):
                return self.story
        self._diagnose()
        self.story.reason = self._nothing_to_gain()
        if not self.story.reason:
            self._repeat()
        while not self.story.reason:
            self.story.reason = self._nothing_to_gain() or self._step()
        self._tell("end", self.story.reason)
        return self.story

    # ------------------------------------------------------------------------------------------- the steps

    def _start(self, controls: Controls) -> None:
        with self._counting():
            run = fit(self.dataset, _shorter(self.dataset, controls), seed=self.seeds[0])
        trial = judge(run, self.seeds[0])
        self.best, self.off[self.seeds[0]] = trial, trial
        self.pool.add([trial])
        error = self._interval(trial)
        self.story = Improvement(
            self.dataset.name, self._metric, run, run, run.controls, start_error=error, error=error
        )
        train = self._interval(trial, "train")
        self._tell("measure", f"first model: dev {self._metric} {error}, train {self._metric} {train}")

    def _go_on(self, kept: Kept) -> None:
        self.best, self.tried = judge(kept.run, kept.run.seed), kept.tried
        start = judge(kept.start, kept.start.seed)
        self.story = Improvement(
            self.dataset.name,
            self._metric,
            kept.start,
            kept.run,
            kept.controls,
            start_error=self._interval(start),
            error=self._interval(self.best),
            steps=kept.steps,
            reason=kept.reason,
        )
        self.compute, self.before = self.story.compute, self.story.seconds
        if kept.controls == kept.start.controls:
            self.off[start.seed] = start
        elif self._left > 0:
            self._train([(kept.controls, self.off)], self.seeds[:1])

    def _diagnose(self) -> None:
        """Measure the limit and run the checks on one network, in no more time than a training takes."""
        if self._left <= 0 or not self.off:
            return
        run = min(self.off.values(), key=lambda trial: trial.rank).run()
        seconds = max(1.0, float(run.history["seconds"].sum()))
        try:
            with self._counting():
                diagnosis = diagnose(run, quick=True, budget=min(seconds, self._left))
        except NetwrightError as error:
            self._tell("diagnose", f"not measured: {error}")
            return
        found = [finding.prescription for finding in diagnosis.found]
        self.prescribed = [
            one for one in (diagnosis.prescription, *found) if one is not None and one.settings
        ]
        limit = diagnosis.budget["bayes"].interval
        self.floor = None if limit is None else limit.low
        self.limit = diagnosis.prescription.reason if diagnosis.budget.at_the_limit else ""
        self._tell(
            "diagnose", telling.of_diagnosis(diagnosis), {"terms": diagnosis.budget.to_json()["terms"]}
        )

    def _repeat(self) -> None:
        """Train the controls kept with the other seeds, which every proof needs, and average."""
        if self._too_long(PAIRS - len(self.off)):
            return
        self._train([(self.story.controls, self.off)], self.seeds)
        errors = [float(trial.dev.mean()) for trial in self.off.values() if trial.finite]
        self._consider(self.off.values())
        self._tell(
            "average",
            f"{len(errors)} seeds: {telling.span(errors)}; best: {self.story.model}, {self.story.error}",
        )

    def _nothing_to_gain(self) -> str:
        """Return why nothing could show an improvement any more, "" while something could."""
        if self.best.dev.mean() == 0:
            return "no dev row is predicted wrongly: only more dev rows could show an improvement"
        return self.limit

    def _step(self) -> str:
        """Prove what is prescribed, explore, prove what is advised; return why all is done, "" after a step."""
        prescription = self._untried(self.prescribed)
        if prescription is None and self.fruitless < FRUITLESS:
            return self._explore()
        prescription = prescription or self._untried(self._advised())
        if prescription is None:
            return (
                "nothing else that is prescribed survives its proof, and networks like the best are no better"
            )
        epochs = prescription.settings.get("optimization.epochs")
        untrained = sum(seed not in self.off for seed in self.seeds[:FIRST_PAIRS])
        if self._too_long(FIRST_PAIRS + untrained, epochs):
            return self._spent
        self._prove(prescription)
        return ""

    def _untried(self, prescriptions: Iterable[Prescription]) -> Prescription | None:
        return next((one for one in prescriptions if self._key(one) not in self.tried), None)

    def _advised(self) -> list[Prescription]:
        """Return what the errors of single networks suggest when the diagnosis has no more to say."""
        trials = [trial for trial in self.off.values() if trial.finite] or [self.best]
        errors = {
            part: float(np.mean([getattr(trial, part).mean() for trial in trials]))
            for part in ("train", "dev")
        }
        return advice(self.story.controls, task=self.dataset.task, floor=self.floor, **errors)

    def _prove(self, prescription: Prescription) -> None:
        self.tried.append(self._key(prescription))
        on: dict[int, Trial] = {}
        try:
            changed = applied(self.story.controls, prescription)
            proof = self._pairs(prescription, changed, on)
        except (ControlError, DataError) as error:
            self._tell("prove", f"{words(prescription)}: cannot be tried: {error}")
            return
        kept = proof is not None and len(on) == PAIRS and proof.verdict == "adopt"
        if kept:
            self.story.controls, self.off = changed, on
        before = self.story.run
        self._consider([*self.off.values(), *on.values()])
        told = telling.of_proof(prescription, proof, kept)
        if self.story.run is not before:
            told += f"; best: {self.story.model}, {self.story.error}"
        details = {"settings": words(prescription), "kept": kept, "proof": proof and proof.to_json()}
        self._tell("prove", told, details)
        if kept:
            self.fruitless = 0
            self._diagnose()

    def _explore(self) -> str:
        """Train networks like one of the best; return why that is not possible any more, "" after a round."""
        parents = self.pool.trials or [self.best]
        parent = parents[self.fruitless % len(parents)].controls
        if self._too_long(CHILDREN, parent.optimization.epochs):
            return self._spent
        self.rounds += 1
        before = float(self.best.dev.mean())
        wanted = children(parent, self.seeds[-1] + 1, self.rounds)
        with self._counting():
            trials = train_trials(self.dataset, wanted)
        self._consider(trials)
        self.fruitless = 0 if self.best.dev.mean() < before else self.fruitless + 1
        errors = [float(trial.dev.mean()) for trial in trials if trial.finite]
        self._tell(
            "explore", f"{telling.of_round(parent, errors)}; best: {self.story.model}, {self.story.error}"
        )
        return ""

    def _pairs(self, prescription: Prescription, changed: Controls, on: dict[int, Trial]) -> Proof | None:
        """Train pairs as long as there is hope and time, and return what they show."""
        sides = [(self.story.controls, self.off), (changed, on)]
        self._train(sides, self.seeds[:FIRST_PAIRS])
        proof = self._proof(prescription, on)
        hopeful = proof is not None and proof.p_better > 0.5
        more = 2 * PAIRS - len(self.off) - len(on)
        if not hopeful or self._too_long(more, changed.optimization.epochs):
            return proof
        self._train(sides, self.seeds)
        return self._proof(prescription, on)

    def _train(self, sides: list[tuple[Controls, dict[int, Trial]]], seeds: list[int]) -> None:
        """Train each side with these seeds as far as it is not trained yet, all side by side."""
        wanted = [(controls, seed, side) for controls, side in sides for seed in seeds if seed not in side]
        with self._counting():
            trials = train_trials(self.dataset, [(controls, seed) for controls, seed, _ in wanted])
        for (_, seed, side), trial in zip(wanted, trials, strict=True):
            side[seed] = trial

    def _proof(self, prescription: Prescription, on: dict[int, Trial]) -> Proof | None:
        """Return the proof by those pairs whose training without the control did not diverge."""
        pairs = [(self.off[seed], on[seed]) for seed in on if self.off[seed].finite]
        return proof_of(prescription, [old for old, _ in pairs], [new for _, new in pairs]) if pairs else None

    def _consider(self, trials: Iterable[Trial]) -> None:
        """Keep the best model, one of these networks or an average; each is judged alone, as it will be used."""
        trials = list(trials)
        self.pool.add(trials)
        candidates = [(trial.rank, trial.run) for trial in trials]
        mean = self.pool.best()
        if mean is not None:
            candidates.append((mean[0], partial(average, mean[1])))
        rank, make = min(candidates, key=lambda one: one[0])
        if rank >= self.best.rank:
            return
        alone = judge(make(), self.seeds[0])
        if alone.rank < self.best.rank:
            self.best = alone
            self.story.run, self.story.error = alone.run(), self._interval(alone)

    # ------------------------------------------------------------------------------------------- the parts

    def _tell(self, kind: StepKind, text: str, details: Any = None) -> None:
        error = float(self.best.dev.mean())
        self.story.steps.append(Step(kind, text, error, self.compute, self._elapsed(), details or {}))
        if self.folder is not None:
            self.folder.write(self.story, self.tried)
        if self.progress is not None:
            self.progress(self.story)

    @contextmanager
    def _counting(self) -> Generator[None, None, None]:
        with counted() as compute:
            yield
        self.compute += compute.examples

    @property
    def _left(self) -> float:
        """Seconds left of the budget."""
        return self.seconds - (time.monotonic() - self.began)

    def _elapsed(self) -> float:
        return self.before + time.monotonic() - self.began

    def _too_long(self, members: int, epochs: Any = None) -> bool:
        """Tell whether so many trainings would overrun the budget, by what the first training took."""
        epochs = int(epochs or self.story.controls.optimization.epochs)
        watch = Clock.of(self.story.start, self.seconds)
        return watch.cost(members, len(self.best.train), epochs) > self._left

    @property
    def _spent(self) -> str:
        return f"the budget of {clock(self.seconds)} is spent"

    def _key(self, prescription: Prescription) -> str:
        """Name what was tried; a learning rate is worth another try with every other network and batch."""
        said = words(prescription)
        if "optimization.learning_rate" in prescription.settings:
            controls = self.story.controls
            said += (
                f" (hidden {list(controls.architecture.hidden)}, batch {controls.optimization.batch_size})"
            )
        return said

    @property
    def _metric(self) -> Literal["error", "mse"]:
        return "mse" if self.dataset.task == "regression" else "error"

    def _interval(self, trial: Trial, part: str = "dev") -> Interval:
        rows: np.ndarray = getattr(trial, part)
        if self._metric == "error" and set(np.unique(rows)) <= {0.0, 1.0}:
            return of_proportion(float(rows.sum()), len(rows))
        return of_mean(rows)


def _shorter(dataset: Dataset, controls: Controls) -> Controls:
    """Return controls whose epochs, if left open, are a fifth of those that suit the data."""
    if controls.optimization.epochs != "auto":
        return controls
    facts = facts_of(prepare(dataset, controls))
    epochs = max(LEAST_EPOCHS, int(resolve(controls, facts).optimization.epochs) // SHORTER)
    return controls.replace(optimization=controls.optimization.replace(epochs=epochs))
