import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netwright as nw
from netwright.core.controls import DataControls
from netwright.core.errors import ControlError, DataError
from netwright.data.splits import Splits, by_group, by_time, fractions, stratified

SHARES = np.array([0.7, 0.15, 0.15])
shares = st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)).map(lambda pair: np.array([1 - sum(pair), *pair]))


def assert_partition(splits: Splits, rows: int) -> None:
    parts = [splits.train, splits.dev, splits.test]
    assert all(part.dtype == np.int64 and (np.diff(part) > 0).all() for part in parts)
    assert sorted(np.concatenate(parts).tolist()) == list(range(rows))


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=40, max_size=300), st.integers(0, 2**32), shares)
def test_stratified_is_a_partition_with_every_class_in_its_shares(codes, seed, shares):
    codes = np.array(codes)
    try:
        splits = stratified(codes, shares, seed)
    except DataError:
        assert (len(codes) * shares[shares > 0] < 1).any()
        return
    assert_partition(splits, len(codes))
    for label in np.unique(codes):
        size = (codes == label).sum()
        counts = np.array([(codes[part] == label).sum() for part in (splits.train, splits.dev, splits.test)])
        assert (counts >= np.floor(size * shares + 1e-9) - (size * shares[0] < 1)).all()
        assert (counts <= np.ceil(size * shares) + (size * shares[0] < 1)).all()
        assert counts[0] >= 1


def test_totals_keep_the_shares_with_many_small_classes():
    splits = stratified(np.repeat(np.arange(50), 3), SHARES, 0)
    assert abs(len(splits.dev) - 22.5) <= 2
    assert abs(len(splits.test) - 22.5) <= 2


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    codes = np.arange(200) % 3
    first, again, other = (stratified(codes, SHARES, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.dev, again.dev)
    assert set(first.dev.tolist()) != set(other.dev.tolist())


def test_too_few_rows_to_hold_out():
    with pytest.raises(DataError, match=r"2 row\(s\) are too few to hold out 15% as dev.*dev_fraction=0"):
        stratified(np.array([0, 1]), SHARES, 0)


@settings(deadline=None)
@given(st.lists(st.integers(0, 11), min_size=30, max_size=200), st.integers(0, 2**32))
def test_no_group_straddles_two_parts(groups, seed):
    groups = np.unique(groups, return_inverse=True)[1]
    if groups.max() < 2:
        with pytest.raises(DataError, match="at least one group a part"):
            by_group(groups, SHARES, seed)
        return
    splits = by_group(groups, SHARES, seed)
    assert_partition(splits, len(groups))
    seen = [set(groups[part].tolist()) for part in (splits.train, splits.dev, splits.test)]
    assert all(seen)
    assert not (seen[0] & seen[1])
    assert not (seen[0] & seen[2])
    assert not (seen[1] & seen[2])


def test_groups_of_equal_size_keep_the_shares():
    splits = by_group(np.repeat(np.arange(100), 5), SHARES, 0)
    assert (len(splits.train), len(splits.dev), len(splits.test)) == (350, 75, 75)


def test_time_trains_on_the_earliest_and_tests_on_the_latest():
    times = np.random.default_rng(0).permutation(100)
    splits = by_time(times, SHARES)
    assert_partition(splits, 100)
    assert times[splits.train].max() < times[splits.dev].min()
    assert times[splits.dev].max() < times[splits.test].min()


def test_fractions_must_leave_rows_to_train_on():
    controls = DataControls(dev_fraction=0.5, test_fraction=0.5)
    with pytest.raises(ControlError, match="found 1, expected less than 1"):
        fractions(controls)
    np.testing.assert_allclose(fractions(controls, test=False), [0.5, 0.5, 0])


def test_train_dev_is_cut_from_the_training_rows_and_leaves_dev_and_test_alone():
    dataset = nw.example("wine")
    plain = dataset.splits(DataControls())
    cut = dataset.splits(DataControls(train_dev_fraction=0.2))
    np.testing.assert_array_equal(cut.dev, plain.dev)
    np.testing.assert_array_equal(cut.test, plain.test)
    np.testing.assert_array_equal(np.sort(np.concatenate([cut.train, cut.train_dev])), plain.train)
    assert len(cut.train_dev) == round(0.2 * len(plain.train))


def test_train_dev_keeps_groups_whole_and_works_beside_dev_rows_given_from_outside():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"x": rng.normal(size=200), "who": np.repeat(np.arange(40), 5).astype(str)})
    controls = DataControls(split="group", split_column="who", train_dev_fraction=0.25)
    dataset = nw.Dataset.from_arrays(frame, rng.integers(0, 2, 200))
    found = dataset.splits(controls)
    who = frame["who"].to_numpy()
    assert not set(who[found.train]) & set(who[found.train_dev])
    outside = nw.Dataset.from_arrays(
        rng.normal(size=(50, 2)), np.arange(50) % 2, X_dev=rng.normal(size=(20, 2)), y_dev=np.arange(20) % 2
    )
    found = outside.splits(DataControls(test_fraction=0, train_dev_fraction=0.2))
    assert (len(found.train), len(found.train_dev), len(found.dev)) == (40, 10, 20)
    run = nw.fit(outside, nw.Controls(data={"train_dev_fraction": 0.2}, optimization={"epochs": 1}))
    assert set(run.evaluate("train_dev")) >= {"loss", "accuracy"}
