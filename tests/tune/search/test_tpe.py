import numpy as np
import optuna

import netwright as nw
from netwright.core import catalog


def test_it_finds_what_random_points_do_not(best_of_bowl):
    ours = sum(best_of_bowl("tpe", 48, seed) for seed in range(5))
    random = sum(best_of_bowl("random", 48, seed) for seed in range(5))
    assert ours < random / 2


def test_a_batch_asked_at_once_spreads():
    """Each point of a batch knows of those before it: trials at work count as bad."""
    space = nw.Space({"regularization.dropout": nw.Float(0, 0.9)})
    study = optuna.create_study(sampler=catalog.load("tune.search", "tpe").sampler(space, 0, 99))
    for number in range(20):
        trial = study.ask()
        study.tell(trial, (space.suggest(trial)["regularization.dropout"] - 0.5) ** 2 + 0.001 * number)

    def spread(trials):
        return float(np.std([space.suggest(trial)["regularization.dropout"] for trial in trials]))

    together = spread([study.ask() for _ in range(12)])
    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    apart = []
    for _ in range(12):
        trial = study.ask()
        apart.append(space.suggest(trial)["regularization.dropout"])
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    assert together > 1.5 * np.std(apart)
