import json

import numpy as np
import polars as pl
import pytest

from netwright.core.errors import DataError
from netwright.data.target import make_target
from netwright.data.target_encoder import TargetEncoder


def fitted(values, task=None):
    target = make_target(np.asarray(values), "y", task, "table")
    return TargetEncoder.fit(target, np.arange(len(values)), normalize=True)


@pytest.mark.parametrize("labels", [["no", "yes"], [0, 1], [False, True], [1.5, 2.5], ["1", "2"]])
def test_labels_survive_encoding_json_and_decoding(labels):
    encoder = TargetEncoder.from_json(json.loads(json.dumps(fitted(labels * 5).to_json())))
    codes = encoder.encode(np.array(labels))
    assert codes.dtype == np.int32
    assert codes.tolist() == [0, 1]
    assert encoder.decode_classes(codes).tolist() == labels
    assert encoder.n_out == 1


def test_multiclass_has_an_output_a_class():
    assert fitted(["a", "b", "c"] * 3).n_out == 3


@pytest.mark.parametrize(
    ("learned", "written"),
    [
        ([3, 7], ["3", " 7"]),
        ([3, 7], ["3.0", "7.0"]),
        ([3, 7], [3.0, 7.0]),
        ([False, True], ["false", "True"]),
        (["3", "7"], [3, 7]),
        (["no", "yes"], [" no", "yes "]),
    ],
)
def test_a_label_is_known_by_its_spelling(learned, written):
    assert fitted(learned * 5).encode(written).tolist() == [0, 1]


def test_vectors_of_every_library_encode_alike():
    encoder = fitted(["a", "b"] * 3)
    for values in (["b", "a"], np.array([["b"], ["a"]]), pl.Series(["b", "a"])):
        assert encoder.encode(values).tolist() == [1, 0]


def test_a_label_never_seen_names_the_nearest():
    with pytest.raises(
        DataError, match=r"new.csv: label 'yess' in row 2 \(counted from 1\) was never seen.*'yes'"
    ):
        fitted(["no", "yes"] * 5).encode(["no", "yess"], source="new.csv")


def test_a_missing_label_is_an_error():
    with pytest.raises(DataError, match="label 'None' in row 2"):
        fitted(["no", "yes"] * 5).encode(pl.Series(["no", None]))


def test_regression_is_standardized_on_the_training_rows_and_mapped_back():
    values = np.array([1.0, 3.0, 5.0, 1e6])
    target = make_target(values, "y", "regression", "table")
    encoder = TargetEncoder.fit(target, np.arange(3), normalize=True)
    assert (encoder.mean, encoder.scale) == (3.0, pytest.approx(np.sqrt(8 / 3)))
    z = encoder.encode(values)
    assert z.dtype == np.float32
    np.testing.assert_allclose(encoder.decode_values(z), values, rtol=1e-6)
    plain = TargetEncoder.fit(target, np.arange(3), normalize=False)
    assert plain.encode(values).tolist() == values.tolist()


def test_a_constant_regression_target_has_scale_one():
    encoder = fitted([4.0] * 6, task="regression")
    assert (encoder.mean, encoder.scale) == (4.0, 1.0)


def test_text_where_a_number_was_learned():
    encoder = fitted(np.linspace(0, 1, 30))
    assert encoder.encode(["0.5"]).shape == (1,)
    with pytest.raises(DataError, match=r"y: found 'much' in row 2 \(counted from 1\), expected a number"):
        encoder.encode(["0.5", "much"], source="y")
    with pytest.raises(DataError, match="found 'inf' in row 1"):
        encoder.encode([np.inf], source="y")
