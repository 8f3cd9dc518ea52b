"""Optuna's grid sampler around a PyTorch loop, one configuration after another on both threads."""

import optuna

from benchmarks._tuning import Configuration, Work
from benchmarks.sides._tuning_pytorch import train


def tune(work: Work) -> list[float]:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    configurations = list(work.configurations())
    study = optuna.create_study(
        sampler=optuna.samplers.GridSampler({"place": list(range(len(configurations)))})
    )

    def objective(trial: optuna.Trial) -> float:
        place = trial.suggest_int("place", 0, len(configurations) - 1)
        return train(work, Configuration(*configurations[place]))

    study.optimize(objective, n_trials=len(configurations))
    return [trial.value for trial in study.trials]
