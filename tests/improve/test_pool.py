"""Averages of networks: what is chosen, and that an average is a model like any other."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

import netwright as nw
from netwright.improve.pool import LARGEST, Pool, average
from netwright.measure.trial import train_trials


@pytest.fixture(scope="module")
def trials(noisy, short):
    wider = short.with_setting("architecture.hidden=[24]")
    return train_trials(noisy, [(short, 0), (short, 1), (wider, 0)])


def test_the_outputs_of_an_average_are_the_mean_of_its_members(noisy, trials, tmp_path):
    run = average(trials)
    x = run.prepared.test.x
    each = [trial.run().predictor.outputs_of(x) for trial in trials]
    assert np.allclose(run.predictor.outputs_of(x), np.mean(each, axis=0), atol=1e-6)
    assert [one["seed"] for one in run.record["average"]] == [0, 1, 0]
    run.save(tmp_path / "run")
    again = nw.load(tmp_path / "run", dataset=noisy)
    assert again.evaluate("dev") == run.evaluate("dev")
    assert np.array_equal(again.predictor.outputs_of(x), run.predictor.outputs_of(x))
    assert again.trace.is_empty()


def test_an_average_is_diagnosed_without_being_trained_again(trials, monkeypatch):
    for module in ("netwright.measure.optimization", "netwright.measure.evidence.sweep"):
        monkeypatch.delattr(import_module(module), "fit_population")
    found = average(trials).diagnose(budget=3)
    assert found.budget["optimization"].method == "the model is an average of networks"
    assert found.budget.errors["dev"].estimate is not None


def test_the_loss_of_an_average_is_at_most_the_mean_loss(trials):
    mean = np.mean([trial.outputs for trial in trials], axis=0)
    assert trials[0].rank_of(mean)[1] < np.mean([trial.rank[1] for trial in trials])


def test_the_best_average_is_the_least_on_the_path_of_forward_selection(trials):
    pool = Pool()
    pool.add(trials)
    pool.add(trials)
    assert len(pool.trials) == 3
    rank, chosen = pool.best()
    first = min(trials, key=lambda trial: trial.rank[1])
    others = [trial for trial in trials if trial is not first]
    pairs = [trials[0].rank_of((first.outputs + other.outputs) / 2) for other in others]
    pair = min(pairs, key=lambda found: found[1])
    whole = trials[0].rank_of(np.mean([trial.outputs for trial in trials], axis=0))
    assert rank == pytest.approx(min(pair, whole))
    assert len(chosen) == (2 if pair < whole else 3)


def test_of_one_network_there_is_no_average(trials):
    pool = Pool()
    assert pool.best() is None
    pool.add(trials[:1])
    assert pool.best() is None


def test_networks_of_other_rows_or_another_loss_are_not_averaged(noisy, short, trials):
    pool = Pool()
    pool.add(trials[:1])
    pool.add(train_trials(noisy, [(short.with_setting("data.split_seed=5"), 0)]))
    pool.add(train_trials(noisy, [(short.with_setting("loss=hinge"), 0)]))
    assert len(pool.trials) == 1


def test_the_pool_keeps_the_networks_of_least_loss(trials):
    pool = Pool()
    pool.add(
        [replace(trials[0], seed=seed, dev_loss=np.full(60, float(seed))) for seed in range(LARGEST + 4)]
    )
    pool.add([replace(trials[0], seed=99, dev_loss=np.full(60, 0.5))])
    assert [trial.dev_loss[0] for trial in pool.trials] == [0.0, 0.5, *range(1, LARGEST - 1)]
