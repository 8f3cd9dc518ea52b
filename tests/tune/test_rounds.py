import optuna
import pytest

import netwright as nw
from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.tune.rounds import in_rounds, rounds_of

SPACE = nw.Space(
    {
        "optimization.learning_rate": nw.Float(1e-4, 1, log=True),
        "optimization.rule": nw.Choice(["sgd", "adam"]),
    }
)
RATE = "optimization.learning_rate"


def distance(point):
    share = SPACE.dimensions[RATE].share(point[RATE])
    return abs(share - 0.5) + (0.3 if point["optimization.rule"] == "sgd" else 0.0)


def run(search, rounds, stop_after=None):
    study = optuna.create_study()
    for number in range(sum(rounds)):
        if number in (0, stop_after):  # as another process would go on
            study.sampler = in_rounds(catalog.load("tune.search", search), SPACE, 0, rounds)
        trial = study.ask()
        study.tell(trial, distance(SPACE.suggest(trial)))
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("search", ["grid", "random", "quasi"])
def test_each_round_is_nearer_to_the_best_and_goes_on_alike(search):
    rounds = rounds_of(catalog.load("tune.search", search), SPACE, 48, 2)
    assert rounds == [16, 16, 16]
    points = run(search, rounds)
    means = [sum(map(distance, points[start : start + 16])) / 16 for start in (0, 16, 32)]
    assert means[0] > 2 * means[1] > 4 * means[2]
    assert {point["optimization.rule"] for point in points[32:]} == {"adam"}
    assert run(search, rounds, stop_after=20) == points


def test_without_refining_the_search_is_itself():
    search = catalog.load("tune.search", "quasi")
    assert rounds_of(search, SPACE, 7, 0) == [7]
    alone = optuna.create_study(sampler=search.sampler(SPACE, 0, 7))
    assert [SPACE.suggest(alone.ask()) for _ in range(7)] == run("quasi", [7])


def test_a_round_of_failures_keeps_the_space():
    search = catalog.load("tune.search", "random")
    study = optuna.create_study(sampler=in_rounds(search, SPACE, 0, [4, 4]))
    for _ in range(4):
        trial = study.ask()
        SPACE.suggest(trial)
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    assert {point["optimization.rule"] for point in [SPACE.suggest(study.ask()) for _ in range(4)]} <= {
        "sgd",
        "adam",
    }


@pytest.mark.parametrize(
    ("search", "trials", "refine", "message"),
    [
        ("tpe", 10, 1, "it is for grid, random and quasi"),
        ("hyperband", 10, 1, "it is for grid, random and quasi"),
        ("random", 2, 2, "2 trials are too few for 3 rounds"),
        ("random", 9, -1, "found -1, expected an integer of at least 0"),
    ],
)
def test_what_cannot_be_refined_is_told(search, trials, refine, message):
    with pytest.raises(ControlError, match=message):
        rounds_of(catalog.load("tune.search", search), SPACE, trials, refine)


def test_a_study_goes_from_coarse_to_fine(blobs):
    controls = nw.Controls(
        architecture=nw.Architecture(kind="logistic"), optimization=nw.Optimization(epochs=2, batch_size=32)
    )
    space = nw.Space({RATE: nw.Float(1e-4, 1, log=True)})
    study = nw.tune(blobs, space, "quasi", trials=16, refine=1, controls=controls)
    rates = study.trials[RATE]
    assert len(rates) == 16
    assert rates[8:].max() / rates[8:].min() < 0.7 * rates[:8].max() / rates[:8].min()
