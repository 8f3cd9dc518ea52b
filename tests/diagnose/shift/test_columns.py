import numpy as np
import pandas as pd
import polars as pl
import pytest

from netwright.core.errors import DataError
from netwright.diagnose.shift.columns import MOST_LEVELS, matrix, read_pairs


def test_frames_of_either_library_give_the_same_columns():
    cells = {"age": [1.0, 2.0, None, 4.0], "city": ["a", "b", "a", "b"], "same": [7, 7, 7, 7]}
    ours = read_pairs(pl.DataFrame(cells), pl.DataFrame(cells))
    theirs = read_pairs(pd.DataFrame(cells), pd.DataFrame(cells))
    assert [p.name for p in ours] == [p.name for p in theirs] == ["age", "city", "age missing"]
    np.testing.assert_array_equal(matrix(ours), matrix(theirs))


def test_a_text_is_compared_by_its_length_and_by_its_words():
    ours = [f"the film was {word} at hour {n}" for word in ("dull", "bright", "long") for n in range(40)]
    theirs = [f"my phone is {word} since day {n}" for word in ("dull", "bright", "long") for n in range(40)]
    pairs = {p.name: p for p in read_pairs(pl.DataFrame({"said": ours}), pl.DataFrame({"said": theirs}))}
    assert pairs["said: characters"].train[0] == len(ours[0])
    gaps = [abs(p.train.mean() - p.target.mean()) / p.both.std() for p in pairs.values()]
    assert max(gaps) > 1.9  # 2 is two points


def test_texts_without_a_common_word_have_a_length_alone():
    texts = [f"{'?' * n} {'!' * n}" for n in range(1, 61)]
    frame = pl.DataFrame({"said": texts, "n": [float(n) for n in range(60)]})
    names = [p.name for p in read_pairs(frame, frame)]
    assert not [name for name in names if name.startswith("said: ") and name != "said: characters"]


def test_a_column_constant_in_one_sample_only_is_compared():
    pairs = read_pairs(pl.DataFrame({"x": [1, 1, 1]}), pl.DataFrame({"x": [2, 2, 2]}))
    assert [p.name for p in pairs] == ["x"]


def test_two_levels_are_at_distance_one_and_rare_levels_share_a_column():
    names = [f"level {i // 3}" for i in range(90)]
    x = matrix(read_pairs(pl.DataFrame({"c": names}), pl.DataFrame({"c": names})))
    assert x.shape == (180, MOST_LEVELS + 1)
    assert np.linalg.norm(x[0] - x[3]) == pytest.approx(1)


def test_images_become_a_column_a_pixel():
    images = np.arange(24.0).reshape(4, 2, 3)
    assert [p.name for p in read_pairs(images, images)] == [f"x{i}" for i in range(6)]


def test_numbers_are_standardized_by_both_samples_together():
    x = matrix(read_pairs(np.array([[0.0], [2.0]]), np.array([[4.0], [6.0]])))
    np.testing.assert_allclose(x[:, 0], np.array([-3, -1, 1, 3]) / np.sqrt(5))


BAD = {
    "other columns": (pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"b": [1, 2]}), "expected a as in train"),
    "another width": (
        np.zeros((3, 2)),
        np.zeros((3, 4)),
        r"found shape \(3, 4\), expected \(2,\) for each row",
    ),
    "a frame and an array": (pl.DataFrame({"a": [1, 2]}), np.zeros((3, 1)), "found a frame and an array"),
    "one row": (np.zeros((3, 2)), np.zeros((1, 2)), "3 training and 1 target rows, expected at least 2"),
    "nothing varies": (
        pl.DataFrame({"a": [1, 1]}),
        pl.DataFrame({"a": [1, 1]}),
        "nothing is left to compare",
    ),
}


@pytest.mark.parametrize(("train", "target", "said"), BAD.values(), ids=BAD)
def test_samples_that_cannot_be_compared_are_refused(train, target, said):
    with pytest.raises(DataError, match=said):
        read_pairs(train, target)


def test_names_are_one_a_column():
    with pytest.raises(DataError, match="found 1 names, expected 2"):
        read_pairs(np.zeros((3, 2)), np.zeros((3, 2)), ["a"])
