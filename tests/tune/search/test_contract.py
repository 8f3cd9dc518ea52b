"""What every search must do: found through the catalog, so a new one is tested without a line here."""

import optuna
import pytest
from optuna.trial import TrialState

import netwright as nw
from netwright.core import catalog

SPACE = nw.Space(
    {
        "optimization.learning_rate": nw.Float(1e-4, 1e-1, log=True),
        "optimization.batch_size": nw.Int(16, 64, log=True),
        "optimization.rule": nw.Choice(["momentum", "adam"]),
        "optimization.options.beta1": nw.Float(0.8, 0.99, when=("optimization.rule", ["adam"])),
        "architecture.hidden": nw.Choice([[64], [128, 64]]),
    }
)
TRIALS, BATCH = 32, 4
NAMES = catalog.names("tune.search")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def value(point):
    """Least at a rate of 0.01 under adam, whose options matter little."""
    distance = abs(
        SPACE.dimensions["optimization.learning_rate"].share(point["optimization.learning_rate"]) - 2 / 3
    )
    return distance + (
        0.3 if point["optimization.rule"] == "momentum" else abs(point["optimization.options.beta1"] - 0.9)
    )


def fails(number):
    return number % 3 == 0


class Search:
    """A study in memory, asked in batches with a new sampler each, as the tuner does."""

    def __init__(self, name, seed=1, judge=value):
        self.member, self.seed, self.judge = catalog.load("tune.search", name), seed, judge
        self.study = optuna.create_study()

    def ask(self, suggested=BATCH):
        """Ask for a batch, and for the points of the first so many of it."""
        self.study.sampler = self.member.sampler(SPACE, self.seed, TRIALS)
        batch = [self.study.ask() for _ in range(BATCH)]
        for trial in batch[:suggested]:
            SPACE.suggest(trial)

    def again(self):
        """Ask for the points of a batch that was left at work, as a new process does."""
        self.study.sampler = self.member.sampler(SPACE, self.seed, TRIALS)
        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            SPACE.suggest(optuna.trial.Trial(self.study, trial._trial_id))

    def tell(self):
        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            found = self.judge(trial.params) if not fails(trial.number) else None
            self.study.tell(trial.number, found, state=None if found is not None else TrialState.FAIL)

    def run(self, trials=TRIALS):
        for _ in range(trials // BATCH):
            self.ask()
            self.tell()
        return [trial.params for trial in self.study.trials]


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def points(name):
    return Search(name).run()


def test_points_stay_in_bounds_and_keep_conditions(points):
    for point in points:
        assert 1e-4 <= point["optimization.learning_rate"] <= 1e-1
        assert point["optimization.batch_size"] in range(16, 65)
        assert point["architecture.hidden"] in ("[64]", "[128, 64]")
        assert ("optimization.options.beta1" in point) == (point["optimization.rule"] == "adam")
        assert 0.8 <= point.get("optimization.options.beta1", 0.9) <= 0.99
        assert isinstance(SPACE.controls(nw.Controls(), point), nw.Controls)


def test_every_value_of_a_choice_is_tried(points):
    assert {point["optimization.rule"] for point in points} == {"momentum", "adam"}
    assert {point["architecture.hidden"] for point in points} == {"[64]", "[128, 64]"}


def test_one_seed_gives_one_list_and_another_another(name, points):
    assert Search(name).run() == points
    assert (Search(name, seed=2).run() == points) == (name == "grid")


def test_a_stopped_study_goes_on_with_the_same_points(name, points):
    stopped = Search(name)
    stopped.run(12)
    stopped.ask(suggested=2)  # killed while it asked for a batch
    resumed = Search(name)
    resumed.study = stopped.study
    resumed.again()
    resumed.tell()
    assert resumed.run(TRIALS - 12 - BATCH) == points


def test_failed_trials_are_survived(name):
    nothing = Search(name, judge=lambda point: None)
    assert len(nothing.run()) == TRIALS
    assert {trial.state for trial in nothing.study.trials} == {TrialState.FAIL}


def test_adaptive_says_whether_values_move_the_points(name, points):
    against = Search(name, judge=lambda point: -value(point)).run()
    assert (against != points) == catalog.load("tune.search", name).adaptive


def test_equal_values_are_no_trouble(name):
    assert len(Search(name, judge=lambda point: 0.5).run()) == TRIALS


def test_brackets_share_out_all_trials_and_end_with_all_epochs(name):
    member = catalog.load("tune.search", name)
    for trials, epochs in ((64, 27), (10, 9), (1, 1), (50, 150)) if member.brackets else ():
        brackets = member.brackets(trials, epochs)
        assert sum(each.rungs[0][0] for each in brackets) == trials
        for each in brackets:
            members, lengths = zip(*each.rungs, strict=True)
            assert list(members) == sorted(members, reverse=True)
            assert list(lengths) == sorted(set(lengths))
            assert (members[-1] >= 1, lengths[0] >= 1, lengths[-1]) == (True, True, epochs)


def test_there_are_as_many_trials_as_asked_but_for_a_grid(name):
    found = catalog.load("tune.search", name).count(SPACE, TRIALS)
    assert found <= TRIALS if name == "grid" else found == TRIALS
