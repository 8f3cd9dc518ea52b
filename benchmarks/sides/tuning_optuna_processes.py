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
        study = optuna.create_study(storage=storage, study_name="tuning", sampler=_sampler(work))
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            for done in [pool.submit(_work, work, storage) for _ in range(PROCESSES)]:
                done.result()
        return [trial.value for trial in study.trials if trial.value is not None]


def _sampler(work: Work) -> optuna.samplers.GridSampler:
    return optuna.samplers.GridSampler({"place": list(range(len(list(work.configurations()))))}, seed=0)


def _work(work: Work, storage: str) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    configurations = list(work.configurations())
    study = optuna.load_study(storage=storage, study_name="tuning", sampler=_sampler(work))
    study.optimize(
        lambda trial: train(
            work, configurations[trial.suggest_int("place", 0, len(configurations) - 1)], threads=1
        )
    )
