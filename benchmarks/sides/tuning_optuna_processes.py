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
    count = len(list(work.configurations()))
    with tempfile.TemporaryDirectory() as folder:
        storage = f"sqlite:///{Path(folder) / 'study.db'}"
        study = optuna.create_study(storage=storage, study_name="tuning")
        # A GridSampler of each process would draw some places twice.
        for place in range(count):
            study.enqueue_trial({"place": place})
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            for done in [pool.submit(_work, work, storage, count // PROCESSES) for _ in range(PROCESSES)]:
                done.result()
        return [trial.value for trial in study.trials if trial.value is not None]


def _work(work: Work, storage: str, trials: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    configurations = list(work.configurations())
    study = optuna.load_study(storage=storage, study_name="tuning")
    study.optimize(
        lambda trial: train(
            work, configurations[trial.suggest_int("place", 0, len(configurations) - 1)], threads=1
        ),
        n_trials=trials,
    )
