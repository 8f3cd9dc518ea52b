from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from netwright.core.errors import DataError
from netwright.data.target import make_target


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (np.array(["yes", "no"] * 9), "binary"),
        (np.array([True, False] * 9), "binary"),
        (np.array([1.0, 2.0] * 9), "binary"),
        (np.array([-1, 1] * 9), "binary"),
        (np.array(["a", "b", "c"] * 9), "multiclass"),
        (np.arange(60) % 6, "multiclass"),
        (np.arange(60.0) % 6, "multiclass"),
        (np.arange(60) % 7, "regression"),
        (np.arange(2100) % 21, "regression"),
        (np.linspace(0, 1, 30), "regression"),
    ],
)
def test_the_task_follows_from_the_values(values, task):
    assert make_target(values, "y", None, "table").task == task


def test_the_task_can_be_given():
    assert make_target(np.arange(60) % 6, "y", "regression", "table").classes is None
    assert make_target(np.arange(30) % 7, "y", "multiclass", "table").classes == list(range(7))


def test_python_objects_are_read_as_what_they_are():
    assert make_target(np.array([0, 1, 1], object), "y", None, "table").classes == [0, 1]
    assert make_target(np.array([0.5, 1, 2], object), "y", "regression", "table").classes is None


def test_labels_come_back_in_the_users_own_type():
    values = np.array(["b", "a", "b"])
    target = make_target(values, "y", None, "table")
    assert target.classes == ["a", "b"]
    assert target.labels(np.array([0, 1])).tolist() == ["b", "a"]
    assert make_target(np.array([True, False]), "y", None, "table").classes == [False, True]


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        (np.array(["a"] * 5), None, "has one class only, 'a' in all 5 rows; expected at least two"),
        (np.array(["a", "b", "c"]), "binary", "has 3 classes, expected 2 for the task 'binary'"),
        (np.array(["a", "b"]), "regression", "holds text such as 'a'; regression needs numbers"),
        (np.array([1.0, np.inf, 2.0]), None, r"is inf in row 2 \(counted from 1\); expected finite numbers"),
        (np.array([1.0, 2.0, np.nan]), None, r"is nan in row 3 \(counted from 1\)"),
        (np.array(["a", None], object), None, r"is missing in row 2 \(counted from 1\)"),
        (np.array(["a", 1], object), None, "mixes int and str; expected all numbers or all text"),
    ],
)
def test_targets_that_cannot_be_learned(values, task, message):
    with pytest.raises(DataError, match=f"table: target 'y' {message}"):
        make_target(values, "y", task, "table")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.array([date(2024, 1, 1), date(2024, 1, 2)]), "date"),
        (np.array(["2024-01-01", "2024-01-02"], "M8[D]"), "datetime64"),
        (np.array([b"a", b"b"]), "bytes_"),
        (np.array([b"a", b"b"], object), "bytes"),
        (np.array([Decimal(1), Decimal(2)]), "Decimal"),
        (np.array([1j, 2j]), "complex128"),
    ],
)
def test_labels_that_a_record_cannot_hold(values, kind):
    with pytest.raises(DataError, match=f"table: target 'y' holds a {kind}, .* row 1 .*: cast it to text"):
        make_target(values, "y", None, "table")


def test_scalars_of_numpy_are_labels():
    assert make_target(np.array([np.int64(3), np.int64(5)], object), "y", None, "table").classes == [3, 5]
    assert make_target(np.array([np.True_, np.False_], object), "y", None, "table").classes == [False, True]
