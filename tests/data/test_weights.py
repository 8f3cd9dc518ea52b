import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from netwright.core.controls import Controls, DataControls
from netwright.core.errors import ControlError, DataError
from netwright.data.target import make_target
from netwright.data.weights import checked_weights, training_weights

LABELS = np.array(["a"] * 6 + ["b"] * 3 + ["c"])
TARGET = make_target(LABELS, "y", None, "table")
ROWS = np.arange(10)


def test_balanced_weights_equal_those_of_scikit_learn():
    by_class = compute_class_weight("balanced", classes=np.array(["a", "b", "c"]), y=LABELS)
    found = training_weights(TARGET, ROWS, None, "balanced")
    np.testing.assert_allclose(found, by_class[TARGET.values], rtol=1e-6)
    np.testing.assert_allclose([found[label == LABELS].sum() for label in "abc"], 10 / 3, rtol=1e-6)


def test_class_and_sample_weights_multiply_and_have_mean_one():
    sample = np.arange(1.0, 11.0)
    found = training_weights(TARGET, ROWS, sample, {"b": 3.0})
    expected = sample * np.where(LABELS == "b", 3.0, 1.0)
    np.testing.assert_allclose(found, expected / expected.mean(), rtol=1e-6)
    assert found.dtype == np.float32


def test_class_weights_that_make_no_sense():
    with pytest.raises(ControlError, match="class 'aa' does not exist"):
        training_weights(TARGET, ROWS, None, {"aa": 2.0})
    with pytest.raises(ControlError, match=r"found -1.0 for class 'a', expected at least 0"):
        training_weights(TARGET, ROWS, None, {"a": -1.0})
    numbers = make_target(np.linspace(0, 1, 10), "y", "regression", "table")
    with pytest.raises(ControlError, match="for a regression; it needs classes"):
        training_weights(numbers, ROWS, None, "balanced")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 2.0], "found 2 weights for 3 rows"),
        ([1.0, -2.0, 1.0], r"found -2.0 in row 2 \(counted from 1\)"),
        ([1.0, 1.0, np.nan], "found nan in row 3"),
        ([0.0, 0.0, 0.0], "every weight is 0"),
        (["a", "b", "c"], "expected a number a row"),
    ],
)
def test_sample_weights_that_make_no_sense(values, message):
    with pytest.raises(DataError, match=f"sample_weight: .*{message}|sample_weight: {message}"):
        checked_weights(values, 3, "sample_weight")


@pytest.mark.parametrize("labels", [[0, 1], [False, True], ["0", "1"]])
def test_class_weights_are_found_by_labels_of_any_type(labels):
    controls = DataControls(class_weight=dict(zip(labels, (1, 5), strict=True)))
    target = make_target(np.array(labels * 3), "y", None, "table")
    found = training_weights(target, np.arange(6), None, controls.class_weight)
    np.testing.assert_allclose(found, [1 / 3, 5 / 3] * 3, rtol=1e-6)


def test_class_weights_of_a_yaml_file(tmp_path):
    (tmp_path / "c.yaml").write_text("data: {class_weight: {0: 1, 1: 5}}")
    assert Controls.from_file(tmp_path / "c.yaml").data.class_weight == {"0": 1.0, "1": 5.0}
