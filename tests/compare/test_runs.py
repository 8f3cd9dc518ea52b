"""``nw.compare_runs``: finished runs side by side."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError, RunError


@pytest.fixture(scope="module")
def folders(table, controls, tmp_path_factory):
    """Adam under two seeds, SGD under one."""
    root = tmp_path_factory.mktemp("runs")
    for name, rule, seed in (("a", "adam", 0), ("b", "adam", 1), ("c", "sgd", 0)):
        nw.fit(table, controls(rule=rule, learning_rate=0.02), seed=seed, out=root / name, progress=False)
    return root


def test_runs_that_differ_in_the_seed_are_one_alternative(folders):
    found = nw.compare_runs([folders / "c", folders / "a", folders / "b"])
    assert {entry.name: len(entry.seeds) for entry in found.entries} == {"rule=adam": 2, "rule=sgd": 1}
    adam = next(entry for entry in found.entries if entry.name == "rule=adam")
    runs = [nw.load(folders / name) for name in "ab"]
    kept = [run.history["dev_accuracy"][run.record["best_epoch"]] for run in runs]
    np.testing.assert_allclose(adam.ends, 1 - np.array(kept))
    assert found.frame["difference"].to_list()[1] is None, "two seeds are not paired with one"
    assert "differences are not told" in found.how, "data in memory is not found again"


def test_the_same_dev_rows_are_paired(table, controls):
    runs = [
        nw.fit(table, controls(rule=rule, learning_rate=0.02), progress=False) for rule in ("adam", "sgd")
    ]
    found = nw.compare_runs(runs)
    first, second = found.entries
    assert found.frame["difference"][1] == pytest.approx(second.ends[0] - first.ends[0])


def test_a_comparison_needs_two_runs_of_one_kind(folders, controls):
    with pytest.raises(ControlError, match="found 1 run, expected two or more"):
        nw.compare_runs([folders / "a"])
    with pytest.raises(RunError, match="no run here"):
        nw.compare_runs([folders / "a", folders / "nothing"])
    X = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    line = nw.fit(nw.Dataset.from_arrays(X, X[:, 0]), controls(), progress=False)
    with pytest.raises(ControlError, match="predict classes and runs that predict numbers"):
        nw.compare_runs([folders / "a", line])


def test_equal_controls_on_other_data_are_told_apart_by_their_folders(folders, controls, tmp_path):
    for place, name in enumerate(("one", "two")):
        X = np.random.default_rng(place).normal(size=(80, 2)).astype(np.float32)
        ds = nw.Dataset.from_arrays(X, X[:, 0] > 0)
        nw.fit(ds, controls(learning_rate=0.02), out=tmp_path / name, progress=False)
    found = nw.compare_runs([tmp_path / "one", tmp_path / "two"])
    assert {entry.name for entry in found.entries} == {"one", "two"}
    assert "learned different data" in found.how
