"""``nw.compare``: same start, own rates, seed bands, and bad words."""

import json

import numpy as np
import pytest

import netwright as nw
from netwright.compare.alternatives import alternatives_of, schedule_settings
from netwright.compare.entry import Entry
from netwright.compare.rates import Search
from netwright.core import catalog
from netwright.core.errors import ControlError, DataError, TrainingError
from netwright.train.rate import schedule_numbers


def test_equal_rules_of_other_names_go_the_same_way(plain_and_averaged):
    """Momentum that averages over nothing is SGD: one start, one order of rows, one rate give one curve."""
    curves = plain_and_averaged.curves
    one, other = (
        curves.filter(alternative=name)["train_loss"].to_numpy() for name in curves["alternative"].unique()
    )
    assert len(one) == 3 * 6
    np.testing.assert_allclose(one, other, rtol=1e-5)
    assert len(np.unique(one[::6])) == 3, "seeds differ from each other"


def test_the_rate_is_the_best_of_the_grid_by_other_seeds(plain_and_averaged):
    for entry in plain_and_averaged.entries:
        found = entry.search
        assert found.errors.shape == (3, 4)
        assert np.isinf(found.errors[:, -1]).all(), "a rate of 1e12 diverges, and that is no error"
        assert found.best == found.rates[found.errors.mean(axis=0).argmin()]
        assert entry.controls.optimization.learning_rate == found.best
        assert entry.seeds == (0, 1, 2)
    assert "4 learning rates from 0.01 to 1e+12" in plain_and_averaged.how


def test_a_tie_of_errors_is_settled_by_the_loss_and_an_edge_is_told():
    search = Search(np.array([0.1, 1.0, 10.0]), np.array([[0.2, 0.2, 0.21]]), np.array([[0.5, 0.4, 0.9]]))
    assert (search.best, search.at_edge, search.working) == (1.0, False, (0.1, 10.0))
    falling = Search(np.array([0.1, 1.0]), np.array([[0.3, 0.2]]), np.array([[0.5, 0.4]]))
    assert (falling.best, falling.at_edge, falling.working) == (1.0, True, (1.0, 1.0))


def test_the_table_says_what_the_curves_say(plain_and_averaged):
    frame, curves = plain_and_averaged.frame, plain_and_averaged.curves
    last = curves.filter(epoch=5).group_by("alternative", maintain_order=True).agg(nw_mean("dev_error"))
    assert dict(frame.select("alternative", "error").iter_rows()) == pytest.approx(dict(last.iter_rows()))
    for row in frame.to_dicts():
        assert row["low"] < row["error"] < row["high"]
        assert row["difference"] == pytest.approx(0, abs=1e-6)
        own = curves.filter(alternative=row["alternative"])
        there = [
            seed.filter(seed["dev_error"] <= plain_and_averaged.level)["step"][0]
            for _, seed in own.group_by("seed")
        ]
        assert row["reached"] == 3, "the level is one that every training of half of them reaches"
        assert row["steps"] == np.median(there)
    assert json.loads(json.dumps(plain_and_averaged.to_json()))["metric"] == "error"


def test_an_error_is_not_below_nothing():
    rows = np.zeros((3, 20))
    rows[0, 0] = 1.0
    entry = Entry("few wrong", nw.Controls(), (0, 1, 2), (), rows.mean(axis=1), rows)
    assert entry.interval.low == 0
    assert entry.interval.high > entry.interval.estimate == pytest.approx(1 / 60)


def nw_mean(name):
    import polars as pl

    return pl.col(name).mean()


def test_only_what_differs_is_told(plain_and_averaged):
    told = plain_and_averaged.differences
    assert told["rule=sgd"] == {"optimization.rule": "sgd"}
    assert told["rule=momentum, options={beta: 0.0}"] == {
        "optimization.rule": "momentum",
        "optimization.options.beta": 0.0,
    }


def test_a_given_rate_is_kept_and_one_that_diverges_comes_last(table, controls):
    found = nw.compare(table, "optimization.learning_rate=0.1|1e12", controls(rule="sgd"), seeds=2)
    assert [entry.name for entry in found.entries] == ["0.1", "1e12"]
    assert [entry.search for entry in found.entries] == [None, None]
    assert found.frame["diverged"].to_list() == [0, 2]
    assert found.frame["error"].to_list()[1] is None
    assert found.entries[1].steps_to(1.0).tolist() == [np.inf, np.inf]
    assert "All learning rates were given" in found.how


def test_numbers_are_compared_by_their_unexplained_variance(controls):
    draw = np.random.default_rng(1)
    X = draw.normal(size=(200, 3)).astype(np.float32)
    ds = nw.Dataset.from_arrays(X, 40 * X[:, 0] + draw.normal(size=200), name="line")
    found = nw.compare(ds, "loss=mse|huber", controls(rule="adam", learning_rate=0.01), seeds=2)
    assert found.metric == "1 − R²"
    for entry in found.entries:
        np.testing.assert_allclose(entry.rows.mean(axis=1), entry.ends)
        np.testing.assert_allclose(entry.ends, [1 - h["dev_r2"][-1] for h in entry.histories])


def test_families_are_those_of_the_catalog():
    base = nw.Controls()
    rules = alternatives_of("rules", base, 30)
    assert tuple(rules) == catalog.names("optim.rules")
    assert all(one.optimization.rule == name for name, one in rules.items())
    kernels = alternatives_of("initializers", base, 30)
    assert {one.initialization.kernel for one in kernels.values()} == set(catalog.names("nn.initializers"))


@pytest.mark.parametrize("kind", catalog.names("optim.schedules"))
def test_every_schedule_has_usual_proportions(kind):
    (setting,) = schedule_settings(kind, 30)
    schedule = nw.Controls().with_setting(setting).optimization.schedule
    assert schedule.kind == kind
    schedule_numbers(schedule, 30, 10)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("rule", "found 'rule'; did you mean 'rules'"),
        ("optimization.rule=adam", "found adam, expected two or more"),
        ("optimization.rule=adam|adan", "'adan' is not known; did you mean 'adam'"),
        ([], "found nothing, expected two or more"),
        (["optimization.rule=adam", "optimization"], "expected group.name=value"),
    ],
)
def test_bad_words_are_refused_in_a_line(table, wanted, said):
    with pytest.raises(ControlError, match=said.replace(".", r"\.")):
        nw.compare(table, wanted)


def test_what_cannot_be_compared_is_told_before_the_first_training(table, controls):
    with pytest.raises(ControlError, match="0 seeds"):
        nw.compare(table, "rules", seeds=0)
    with pytest.raises(ControlError, match="no learning rate to choose from"):
        nw.compare(table, "rules", rates=())
    with pytest.raises(ControlError, match=r"optimization\.learning_rate: found -0\.1"):
        nw.compare(table, "rules", rates=(-0.1, 0.1))
    with pytest.raises(DataError, match="no dev rows"):
        nw.compare(table, "rules", controls().replace(data=nw.DataControls(dev_fraction=0.0)))
    with pytest.raises(TrainingError, match="every training diverged"):
        nw.compare(table, "optimization.learning_rate=1e12|1e13", controls(rule="sgd"), seeds=2)
