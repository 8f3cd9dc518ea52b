"""The runner: trials side by side are the trainings one gets alone; failures are told of, nothing piles up."""

import gc

import jax
import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.data.arrays import Arrays
from netwright.tune import judge, width
from netwright.tune.folds import folds_of
from netwright.tune.group import Group
from netwright.tune.runner import Runner
from netwright.tune.trials import Asked, seed_of
from netwright.tune.width import fitting


@pytest.fixture(scope="module")
def base() -> nw.Controls:
    return nw.Controls(
        architecture=nw.Architecture(hidden=(4,)),
        optimization=nw.Optimization(rule="momentum", learning_rate=0.1, batch_size=16, epochs=3),
        regularization=nw.Regularization(dropout=0.1, weight_decay=0.0),
    )


def asked_of(*settings):
    return [Asked(number, controls, seed_of(7, number)) for number, controls in enumerate(settings)]


def trained(runner, asked):
    """Return the outcomes by number; every trial is told of once."""
    told = []
    runner.train(asked, told.append)
    assert sorted(outcome.number for outcome in told) == sorted(one.number for one in asked)
    return {outcome.number: outcome for outcome in told}


def test_seeds_are_a_function_of_the_studys_and_the_trials_number():
    seeds = [seed_of(3, number) for number in range(50)]
    assert len(set(seeds)) == 50
    assert seeds[7] == seed_of(3, 7) != seed_of(4, 7)
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_trials_are_the_trainings_one_gets_alone_and_the_best_is_kept(blobs, base):
    """Numbers and structures mixed; ties of the dev error go to the lower dev loss."""
    asked = asked_of(
        base,
        base.with_setting("optimization.learning_rate=0.001"),
        base.with_setting("optimization.batch_size=32"),
        base.with_setting("regularization.l2=0.1"),
    )
    runner = Runner(blobs, None, 0)
    found = trained(runner, asked)
    ranks = {}
    for one in asked:
        run, outcome = nw.fit(blobs, one.controls, seed=one.seed, progress=False), found[one.number]
        scores = {part: run.evaluate(part) for part in ("dev", "train")}
        assert outcome.state == "complete"
        np.testing.assert_allclose(outcome.value, 1 - scores["dev"]["accuracy"], atol=1e-12)
        told = outcome.attributes
        np.testing.assert_allclose(told["train"], 1 - scores["train"]["accuracy"], atol=1e-12)
        np.testing.assert_allclose(told["dev_loss"], scores["dev"]["loss"], rtol=1e-4)
        np.testing.assert_allclose(told["curve"], 1 - run.history["dev_accuracy"].to_numpy(), atol=1e-6)
        assert (told["seed"], told["epochs"], told["compute"]) == (one.seed, 3, 3 * 72)
        ranks[one.number] = (outcome.value, told["dev_loss"])
    number, best = runner.best
    assert number == min(ranks, key=lambda each: ranks[each])
    assert best.seed == seed_of(7, number)
    np.testing.assert_allclose(1 - best.evaluate("dev")["accuracy"], ranks[number][0], atol=1e-12)


def test_what_cannot_be_trained_is_told_of_and_the_others_are_trained(blobs, base):
    """One diverges, one contradicts the data, one was refused before; a structure of which all diverge, too."""
    wild = base.with_setting("optimization.learning_rate=1e30")
    asked = asked_of(
        base,
        wild,
        base.with_setting("regularization.crop=3"),
        "architecture.heads: found 3",
        wild.with_setting("optimization.batch_size=32"),
    )
    found = trained(Runner(blobs, None, 0), asked)
    assert [found[number].state for number in range(5)] == ["complete", "fail", "fail", "fail", "fail"]
    assert found[1].reason == "the loss ceased to be finite in epoch 1; the learning rate was 1e+30"
    assert "crop" in found[2].reason
    assert found[3].reason == "architecture.heads: found 3"
    assert found[4].reason == "the loss ceased to be finite; the learning rate was 1e+30"
    assert np.isnan([found[number].value for number in range(1, 5)]).all()
    assert found[1].attributes["seed"] == seed_of(7, 1)
    assert found[0].value == trained(Runner(blobs, None, 0), asked[:1])[0].value


def test_no_dev_rows_and_no_folds_fail_in_words(blobs, base):
    found = trained(Runner(blobs, None, 0), asked_of(base.with_setting("data.dev_fraction=0")))
    assert found[0].state == "fail"
    assert "no dev rows" in found[0].reason


def test_folds_leave_every_row_out_once_and_classes_keep_their_shares(blobs, base):
    prepared = blobs.prepare(base.data, embeddings=True)
    folds = folds_of(prepared, 5, 0)
    assert sorted(np.concatenate(folds.judge)) == list(range(72))
    for learn, left in zip(folds.learn, folds.judge, strict=True):
        assert set(learn) == set(range(72)) - set(left)
        shares = [prepared.train.y[places].mean() for places in (left, np.arange(72))]
        assert abs(shares[0] - shares[1]) < 1 / len(left)
    assert all(np.array_equal(a, b) for a, b in zip(folds.judge, folds_of(prepared, 5, 0).judge, strict=True))
    assert folds.learn.shape == (5, 58)
    for count in (1, 73):
        with pytest.raises(ControlError, match=f"cv: found {count} folds, expected 2 to"):
            folds_of(prepared, count, 0)
    with pytest.raises(ControlError, match=r"cv: data\.split=time"):
        folds_of(blobs.prepare(nw.DataControls(split="time", split_column="x0"), embeddings=True), 3, 0)


def test_groups_stay_whole_in_folds(base):
    frame = {"g": np.repeat(np.arange(12), 9).astype(str), "x": np.arange(108.0)}
    ds = nw.Dataset.from_arrays(pl.DataFrame(frame), np.tile([0, 1], 54))
    prepared = ds.prepare(nw.DataControls(split="group", split_column="g"), embeddings=True)
    groups = prepared.features.column("g")[prepared.train_rows]
    folds = folds_of(prepared, 3, 0)
    for learn, left in zip(folds.learn, folds.judge, strict=True):
        assert not set(groups[learn]) & set(groups[left])


def test_a_fold_is_the_training_on_its_rows_judged_by_the_others(blobs, base):
    """RF-4: K-fold cross-validation; all folds of all trials are one population."""
    bare = base.replace(
        data=nw.DataControls(dev_fraction=0.0, test_fraction=0.2, normalize="none", split_seed=3)
    )
    asked = asked_of(bare, bare.with_setting("optimization.learning_rate=0.02"))
    runner = Runner(blobs, 3, 5)
    found = trained(runner, asked)
    assert runner.best is None, "with folds no network has learned from all rows"
    prepared = blobs.prepare(bare.data, embeddings=True)
    X, y = prepared.train.x, prepared.train.y
    folds = folds_of(prepared, 3, 5)
    whole = bare.replace(data=bare.data.replace(test_fraction=0.0))
    for one in asked:
        errors = []
        for learn, left in zip(folds.learn, folds.judge, strict=True):
            controls = whole.replace(optimization=one.controls.optimization)
            run = nw.fit(nw.Dataset.from_arrays(X[learn], y[learn]), controls, seed=one.seed, progress=False)
            errors.append(np.mean(run.predict(X[left]) != y[left]))
        np.testing.assert_allclose(found[one.number].attributes["folds"], errors, atol=1e-12)
        np.testing.assert_allclose(found[one.number].value, np.mean(errors), atol=1e-12)
        assert found[one.number].attributes["compute"] == 3 * 3 * folds.learn.shape[1]


def test_five_hundred_trials_leave_no_more_behind_than_fifty(blobs, base):
    """Buffers are counted, not seconds; the last batch is not of the others' size."""
    runner = Runner(blobs, None, 0)
    short = base.with_setting("optimization.epochs=1").with_setting("optimization.batch_size=full")
    rates = np.random.default_rng(0).uniform(1e-4, 1e-3, 500)
    seeds = [seed_of(0, number) for number in range(500)]
    each = [short.replace(optimization=short.optimization.replace(learning_rate=rate)) for rate in rates]
    alive = []
    for start in range(0, 500, 25):
        asked = [Asked(n, each[n], seeds[n]) for n in range(start, start + 25)]
        assert len(trained(runner, asked)) == 25
        gc.collect()
        alive.append(len(jax.live_arrays()))
    assert alive[-1] <= alive[1]
    assert max(alive) <= alive[1] + 2, alive


def test_the_training_error_of_much_data_is_that_of_evenly_spaced_rows(monkeypatch, blobs, base):
    monkeypatch.setattr(judge, "TRAIN_ROWS", 24)
    thin = judge._thinned(blobs.prepare(base.data, embeddings=True))
    train = blobs.prepare(base.data, embeddings=True).train
    assert isinstance(thin, Arrays)
    np.testing.assert_array_equal(thin.x, train.x[::3])
    assert len(thin) == 24


def test_no_more_train_side_by_side_than_fit_into_memory(blobs, base, monkeypatch):
    """Five of a kind in a memory for two: three populations, and the same errors."""
    asked = asked_of(
        *[base.with_setting(f"optimization.learning_rate={rate}") for rate in (0.1, 0.2, 0.3, 0.4, 0.5)]
    )
    expected = {number: outcome.value for number, outcome in trained(Runner(blobs, None, 0), asked).items()}
    (group,) = Runner(blobs, None, 0).groups(asked, lambda outcome: None)
    assert group.most > 1000
    room = width.device_budget() // fitting(group.cohort)
    # 3 inputs, 4 units with their weights and biases, 1 output; a batch of 16 rows makes some kilobytes.
    assert 6 * 4 * 21 < room < 100_000
    monkeypatch.setattr(width, "device_budget", lambda: 2 * room + room // 2)
    widths = []
    train = Group.train
    monkeypatch.setattr(Group, "train", lambda self, *given: widths.append(given[2]) or train(self, *given))
    found = trained(Runner(blobs, None, 0), asked)
    assert widths == [2, 2, 2]
    assert {number: outcome.value for number, outcome in found.items()} == expected
