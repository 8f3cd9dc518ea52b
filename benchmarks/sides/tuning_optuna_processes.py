"""Optuna on one SQLite storage from two processes of one thread each, as its documentation has it."""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import optuna

from benchmarks._tuning import Work
from benchmarks.sides._tuning_pytorch import train

PROCESSES = 2


def tune(work: Work) -> list[float]:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        storage = f"sqlite:///{Path(folder) / 'study.db'}"
        study = optuna.create_study(storage=storage, study_name="tuning")
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            for done in [pool.submit(_work, work, storage, first) for first in range(PROCESSES)]:
                done.result()
        return [trial.value for trial in study.trials if trial.value is not None]


def _work(work: Work, storage: str, first: int) -> None:
    """Take every second configuration: a grid shared by two processes would draw some places twice."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    configurations = list(work.configurations())
    places = list(range(first, len(configurations), PROCESSES))
    study = optuna.load_study(
        storage=storage, study_name="tuning", sampler=optuna.samplers.GridSampler({"place": places})
    )

    def objective(trial: optuna.Trial) -> float:
        place = trial.suggest_int("place", 0, len(configurations) - 1)
        return train(work, configurations[place], threads=1)

    study.optimize(objective, n_trials=len(places))
