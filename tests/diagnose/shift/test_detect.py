"""What is found, called and weighed by ``nw.shift.detect``; the rates of errors are in tests/concepts."""

import json

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student

import netwright as nw
from netwright.core.errors import ControlError, DataError, NetwrightError


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def table(rng):
    """Half of the target rows of one city, and an age that is oftener missing."""

    def sample(n, share, gaps):
        age = np.where(rng.random(n) < gaps, None, rng.normal(40, 5, n))
        return pl.DataFrame(
            {"age": age.astype(object).tolist(), "city": rng.choice(["a", "b"], n, p=[share, 1 - share])}
        )

    return sample(300, 0.9, 0.05), sample(300, 0.5, 0.4)


@pytest.fixture(scope="module")
def found(table):
    return nw.shift.detect(*table)


def test_columns_that_moved_are_named_with_size_and_corrected_p(found):
    rows = {row["column"]: row for row in found.features.to_dicts()}
    assert found.shifted
    assert rows["city"]["shifted"]
    assert rows["age missing"]["shifted"]
    assert not rows["age"]["shifted"]
    # Three columns, and two joint tests beside the columns.
    assert rows["age"]["corrected_p"] == pytest.approx(min(1, 9 * rows["age"]["p"]))
    assert found.features["column"].to_list() == ["age missing", "city", "age"]


def test_the_report_is_a_few_lines_and_plain_data(found):
    assert isinstance(found, nw.ShiftReport)
    assert str(found).splitlines()[0] == "Shifted: 300 training and 300 target rows, confidence 90%"
    assert "columns: 2 of 3 moved: age missing" in str(found)
    assert len(str(found).splitlines()) < 8
    assert json.loads(json.dumps(found.to_json()))["type"] == "undecidable"


def test_without_labels_the_type_is_undecidable_and_admits_no_remedy(found):
    assert (found.type, found.remedies, found.harm) == ("undecidable", (), None)


def test_the_same_rows_in_another_order_are_no_shift(table):
    same = nw.shift.detect(table[0], table[0].reverse())
    assert (same.shifted, same.type, same.remedies) == (False, "none", ())


def test_a_seed_gives_the_same_report(table, found):
    again = nw.shift.detect(*table)
    assert again.to_json() == found.to_json()


def test_outputs_of_a_model_are_tested_as_columns_are(rng):
    x = rng.normal(size=(100, 2))
    scores = rng.normal(size=(100, 3))
    report = nw.shift.detect(x[:50], x[50:], outputs=(scores[:50], scores[50:] + np.array([9, 0, 0])))
    moved = set(report.features.filter("shifted")["column"])
    assert moved == {"output 0", "predicted class"}
    assert len(report.features) == 6


def test_harm_is_the_difference_of_errors_of_the_outputs_given(rng):
    """Welch's interval, with SciPy's t: 10 % wrong of 200 against 40 % of 100."""
    y, y_target = np.arange(200) % 2, np.arange(100) % 2
    wrong, wrong_target = np.arange(200) < 20, np.arange(100) < 40
    outputs = [np.where(y ^ wrong, 2.0, -2.0), np.where(y_target ^ wrong_target, 2.0, -2.0)]
    x = rng.normal(size=(300, 2))
    report = nw.shift.detect(x[:200], x[200:], outputs=tuple(outputs), y_train=y, y_target=y_target)
    squares = np.array([0.09 / 199, 0.24 / 99])
    freedom = squares.sum() ** 2 / (squares**2 / [199, 99]).sum()
    half = student.ppf(0.95, freedom) * np.sqrt(squares.sum())
    assert report.harm.estimate == pytest.approx(0.3)
    assert report.harm.high == pytest.approx(0.3 + half)
    assert report.harmful


def test_harm_of_a_regression_is_in_the_targets_units_squared(rng):
    x = rng.normal(size=(300, 2))
    y = 10 * x[:, 0]
    report = nw.shift.detect(
        x[:200], x[200:], outputs=(y[:200] + 1, y[200:] + 3), y_train=y[:200], y_target=y[200:]
    )
    assert report.harm.estimate == pytest.approx(8)


def test_labels_of_inputs_that_never_meet_are_not_compared(rng):
    x, y = rng.normal(size=(1000, 2)), np.arange(1000) % 2
    report = nw.shift.detect(x[:500], x[500:] + 9, y_train=y[:500], y_target=y[500:])
    assert report.type == "covariate"
    assert "the samples hardly overlap" in report.reason
    assert report.joint[-1].p == 1


BAD = {
    "confidence": ({"confidence": 1.0}, ControlError, "confidence: found 1.0"),
    "target labels alone": ({"y_target": np.zeros(5)}, ControlError, "found without y_train"),
    "too few labels": ({"y_train": np.arange(4) % 2}, DataError, "y_train: found 4 labels for 5 rows"),
    "one output": ({"outputs": np.zeros(5)}, DataError, "expected a pair"),
    "outputs of other rows": (
        {"outputs": (np.zeros(4), np.zeros(5))},
        DataError,
        r"shapes \(4,\) and \(5,\)",
    ),
    "outputs of other classes": (
        {"outputs": (np.zeros((5, 2)), np.zeros((5, 2))), "y_train": ["a", "b", "c", "a", "b"]},
        DataError,
        "expected one column for each of 3 classes",
    ),
}


@pytest.mark.parametrize(("words", "error", "said"), BAD.values(), ids=BAD)
def test_wrong_words_are_refused_in_one_line(words, error, said):
    x = np.arange(10.0).reshape(5, 2)
    with pytest.raises(NetwrightError, match=said) as caught:
        nw.shift.detect(x, x, **words)
    assert isinstance(caught.value, error)
    assert "\n" not in str(caught.value)


def test_noise_on_every_column_is_a_covariate_shift():
    """Thirty columns of which the noise leaves means alone: hardly any row has equals, so no concept is accused."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 30))
    y = (x[:, 0] > 0).astype(int)
    x[300:] += 2 * rng.normal(size=(300, 30))
    report = nw.shift.detect(x[:300], x[300:], y_train=y[:300], y_target=y[300:])
    assert (report.type, report.harmful) == ("covariate", True)
