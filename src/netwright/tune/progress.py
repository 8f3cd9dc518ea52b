"""A study under way: its workers put to work, its trials read back, its best network kept."""

import shutil
from collections.abc import Callable
from pathlib import Path

import optuna

from netwright.core import catalog
from netwright.core.errors import RunError
from netwright.train.fit import fit
from netwright.train.restore import load
from netwright.train.run import Run
from netwright.tune.plan import Plan
from netwright.tune.record import begin, table_of
from netwright.tune.storage import open_storage, shown
from netwright.tune.study import Study
from netwright.tune.trials import seed_of
from netwright.tune.worker import Best, Work, quiet

BEST = "best"


class Tuning:
    """A study under way.

    Args:
      plan: what was asked for.
      url: of the storage; name: of the study in it; shared: whether others may work at it, too.
      path: folder for the best run, or None.
    """

    _study: Study

    def __init__(self, plan: Plan, url: str, name: str, path: Path | None, *, shared: bool) -> None:
        self.plan, self.url, self.name, self.path, self.shared = plan, url, name, path, shared
        self._best: Best | None = None

    def run(
        self,
        executor: str,
        workers: int | None,
        deadline: float | None,
        progress: Callable[[Study], None] | None,
    ) -> None:
        """Put workers to work until no trial is left or the time is up."""
        plan = self.plan
        place = str(self.path) if self.path is not None else f"study '{self.name}' in {shown(self.url)}"
        task = Work(
            dataset=plan.dataset,
            controls=plan.controls,
            space=plan.space,
            search=plan.search,
            rounds=plan.rounds,
            epochs=plan.epochs,
            cv=plan.cv,
            seed=plan.seed,
            storage=self.url,
            study=self.name,
            blocks=plan.blocks(alone=executor == "local" and not self.shared),
            deadline=deadline,
        )

        # Held open: what has been read of trials that have ended is not read again.
        with open_storage(self.url) as storage, quiet():
            study = begin(storage, self.name, plan.asked(), place)

            def told() -> None:
                if progress is not None:
                    progress(self._so_far(study))

            self._best = catalog.load("tune.executors", executor)(task, workers, told)
            self._study = self._so_far(study)

    def _so_far(self, study: optuna.Study) -> Study:
        """Return the study as its storage has it, without its best network."""
        plan, trials = self.plan, study.get_trials(deepcopy=False)
        return Study(
            name=plan.dataset.name,
            metric=plan.metric,
            search=plan.search,
            space=plan.space,
            controls=plan.controls,
            seed=plan.seed,
            cv=plan.cv,
            trials=table_of(trials, plan.space),
            points=[trial.params for trial in trials],
            asked=plan.trials,
            path=self.path,
            storage=shown(self.url),
        )

    def ended(self) -> Study:
        """Return the study with its best network, which is in the folder from now on.

        Raises:
          TrainingError: no trial has a value, or the best diverges when it is trained again.
        """
        study = self._study
        study.reason = "all trials done" if study.ended >= study.asked else "the budget is spent"
        number = study.best_number
        study.run = self._kept(number) or self._own(number) or self._again(study, number)
        if self.path is not None and study.run.path is None:
            shutil.rmtree(self.path / BEST, ignore_errors=True)
            study.run.save(self.path / BEST)
        return study

    def _own(self, number: int) -> Run | None:
        """Return the network of a trial if it was trained here, and on all training rows."""
        if self._best is None or self._best[0] != number:
            return None
        run = self._best[1]
        run.record["trial"] = number
        return run

    def _kept(self, number: int) -> Run | None:
        """Return the network that is in the folder if it is the trial's."""
        if self.path is None or not (self.path / BEST).is_dir():
            return None
        try:
            run = load(self.path / BEST, dataset=self.plan.dataset)
        except RunError:  # half of it, or another's: it is made again
            return None
        return run if run.record.get("trial") == number else None

    def _again(self, study: Study, number: int) -> Run:
        run = fit(self.plan.dataset, study.best_controls, seed=seed_of(self.plan.seed, number))
        run.record["trial"] = number
        return run
