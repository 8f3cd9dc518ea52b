"""The pool: networks that a search has trained anyway, and the averages of some of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from netwright.measure.trial import Rank, Trial
from netwright.models import ModelSpec
from netwright.train.program import program
from netwright.train.run import Run
from netwright.train.setup import skeleton_of
from netwright.train.snapshot import Records

LARGEST, MOST = 16, 8
"""Networks that the pool keeps, and that an average may have."""


class Pool:
    """The trials of least dev loss, all judged on the same dev rows by the same loss."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self._known: set[str] = set()

    def add(self, trials: Sequence[Trial]) -> None:
        """Take in those that are among the best."""
        for trial in trials:
            name = f"{trial.seed} {trial.controls.model_dump_json()}"
            if name in self._known or not trial.finite or not self._takes(trial):
                continue
            self._known.add(name)
            run = trial.run()
            if run.record["model"] is not None:
                # The one network, without the population it was trained in.
                self.trials.append(replace(trial, run=partial(_same, run)))
        self.trials = sorted(self.trials, key=_loss_of)[:LARGEST]

    def best(self) -> tuple[Rank, list[Trial]] | None:
        """Return the rank of the best average that forward selection passes, and its members."""
        return min(self._path(), key=lambda one: one[0], default=None)

    def _takes(self, trial: Trial) -> bool:
        if self.trials and not alike(trial, self.trials[0]):
            return False
        return len(self.trials) < LARGEST or _loss_of(trial) < _loss_of(self.trials[-1])

    def _path(self) -> Iterator[tuple[Rank, list[Trial]]]:
        """Yield ever larger averages: each time the network joins with which the dev loss is least.

        Greedy forward selection (Caruana et al., 2004, "Ensemble selection from libraries of models"), without
        replacement. The loss steers, as it is smooth: on a few hundred dev rows the error counts mere luck.
        """
        chosen, left, total = [], list(self.trials), 0.0
        while left and len(chosen) < MOST:
            totals = [total + one.outputs for one in left]
            ranks = [left[0].rank_of(one / (len(chosen) + 1)) for one in totals]
            place = min(range(len(left)), key=lambda i: ranks[i][1])
            total, chosen = totals[place], [*chosen, left.pop(place)]
            if len(chosen) > 1:
                yield ranks[place], chosen


def _loss_of(trial: Trial) -> float:
    return float(trial.dev_loss.mean())


def _same(run: Run) -> Run:
    return run


def alike(one: Trial, other: Trial) -> bool:
    """Tell whether the outputs of two trials can be averaged: the same rows, equally encoded, and the same loss."""
    return (one.controls.data, one.controls.loss) == (other.controls.data, other.controls.loss)


def average(trials: Sequence[Trial]) -> Run:
    """Return the average of networks as one run; its controls and curves are those of its first member.

    Its record lists what else went into it, under "average".
    """
    runs = [trial.run() for trial in trials]
    first, (trained, hyper) = runs[0], runs[0].program
    specs = tuple(ModelSpec.from_json(run.record["model"]) for run in runs)
    spec = replace(specs[0], members=specs)
    skeleton, prepared = skeleton_of(spec), first.prepared
    plan = replace(trained.plan, skeleton=skeleton)
    params, rest = (
        {f"members.{i}.{name}": array for i, run in enumerate(runs) for name, array in part(run).items()}
        for part in (lambda run: run.predictor.params, lambda run: run.predictor.rest)
    )
    outcome = {
        "model": spec.to_json(),
        "reason": f"the average of {len(runs)} networks",
        "best_epoch": None,
        "average": [{"seed": run.seed, "controls": run.record["controls"]} for run in runs],
    }
    return Run(
        replace(first.predictor, skeleton=skeleton, params=params, rest=rest),
        first.record | outcome,
        data=lambda: prepared,
        judge=lambda: (program(plan), hyper),
        records=Records(first.history.to_dicts(), [], []),
    )
