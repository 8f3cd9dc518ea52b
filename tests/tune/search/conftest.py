"""A cheap study of a function, asked in batches as the tuner does."""

import optuna
import pytest

import netwright as nw
from netwright.core import catalog

optuna.logging.set_verbosity(optuna.logging.ERROR)
BOWL = nw.Space(
    {
        "optimization.learning_rate": nw.Float(1e-4, 1, log=True),
        "regularization.dropout": nw.Float(0, 0.9),
        "regularization.l1": nw.Float(0, 1),
        "optimization.rule": nw.Choice(["sgd", "momentum", "adam"]),
    }
)


def bowl(point):
    """Least, 0, at a rate of 0.01 with adam and a dropout of 0.3; l1 does not matter."""
    rate = BOWL.dimensions["optimization.learning_rate"].share(point["optimization.learning_rate"]) - 0.5
    wrong = 0.0 if point["optimization.rule"] == "adam" else 0.2
    return rate**2 + (point["regularization.dropout"] - 0.3) ** 2 + wrong


@pytest.fixture
def best_of_bowl():
    """Return a function (search, trials, seed) → the least value found."""

    def best(name, trials, seed, batch=8):
        study = optuna.create_study()
        for _ in range(trials // batch):
            study.sampler = catalog.load("tune.search", name).sampler(BOWL, seed, trials)
            asked = [(trial, BOWL.suggest(trial)) for trial in (study.ask() for _ in range(batch))]
            for trial, point in asked:
                study.tell(trial, bowl(point))
        return study.best_value

    return best
