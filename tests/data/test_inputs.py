"""Several inputs by name, from arrays to predictions and back from a saved run (AR-6)."""

import json

import numpy as np
import pytest

import netwright as nw
from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.encoder import Encoder

ROWS = 40
GENERATOR = np.random.default_rng(0)
IMAGE = GENERATOR.integers(0, 256, (ROWS, 6, 5), dtype=np.uint8)
TABLE = GENERATOR.normal(size=(ROWS, 3))
Y = (TABLE[:, 0] > 0).astype(int)
X = {"image": IMAGE, "table": TABLE}


@pytest.fixture(scope="module")
def dataset():
    return nw.Dataset.from_arrays(X, Y)


@pytest.fixture(scope="module")
def encoder(dataset):
    return dataset.prepare(DataControls(), embeddings=True).encoder


def test_a_row_has_all_inputs_one_after_another(dataset, encoder):
    x = encoder.transform(dataset.features.content, rows=np.array([3, 7]))
    image, table = encoder.layout.parts
    assert (encoder.layout.kind, image.kind, table.kind) == ("several", "image", "table")
    assert x.shape == (2, image.size + table.size)
    alone = encoder.encoders["table"].transform(TABLE[[3, 7]])
    np.testing.assert_array_equal(x[:, image.size :], alone)
    np.testing.assert_array_equal(encoder.transform(X, rows=None)[[3, 7]], x)


def test_the_encoder_survives_json(encoder):
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    assert again.layout == encoder.layout
    np.testing.assert_array_equal(again.transform(X), encoder.transform(X))


def test_the_schema_and_the_fingerprint_know_every_input(dataset):
    names = [column.name for column in dataset.schema.columns]
    assert names == ["image.image", "table.x0", "table.x1", "table.x2"]
    other = nw.Dataset.from_arrays({**X, "table": TABLE + 1}, Y)
    assert other.fingerprint != dataset.fingerprint
    assert dataset.train.features.keys() == X.keys()


def test_parts_of_their_own_and_groups_of_one_input():
    given = nw.Dataset.from_arrays(X, Y, X_dev={k: v[:5] for k, v in X.items()}, y_dev=Y[:5])
    assert given.splits(DataControls()).dev.tolist() == list(range(ROWS, ROWS + 5))
    table = TABLE.copy()
    table[:, 1] = np.arange(ROWS) // 4
    grouped = nw.Dataset.from_arrays({**X, "table": table}, Y)
    controls = DataControls(split="group", split_column="table.x1")
    prepared = grouped.prepare(controls, embeddings=True)
    parts = [set(table[getattr(prepared.splits, part), 1]) for part in ("train", "dev", "test")]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert prepared.encoder.layout.parts[1].size == 2


def test_what_does_not_fit_together_is_refused(encoder):
    with pytest.raises(DataError, match="39 rows of 'table' and 40 of 'image'"):
        nw.Dataset.from_arrays({"image": IMAGE, "table": TABLE[1:]}, Y)
    with pytest.raises(
        DataError, match=r"X_dev: found inputs image, expected a dictionary with image, table"
    ):
        nw.Dataset.from_arrays(X, Y, X_dev={"image": IMAGE}, y_dev=Y)
    with pytest.raises(DataError, match="found ndarray, expected a dictionary with image, table"):
        encoder.transform(TABLE, source="predict")
    with pytest.raises(DataError, match="empty dictionary"):
        nw.Dataset.from_arrays({}, Y)


def test_from_arrays_to_predictions(dataset, tmp_path):
    """AR-6: one call trains on all inputs; the table alone tells the class, and the trunk hears it."""
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(8,)),
        optimization=nw.Optimization(epochs=15, batch_size=8, learning_rate=1e-2),
        regularization=nw.Regularization(dropout=0.0),
    )
    run = nw.fit(dataset, controls, progress=False)
    assert run.controls.architecture.kind == "several"
    assert run.evaluate("train")["accuracy"] > 0.9
    predicted = run.predict(X)
    run.save(tmp_path / "run")
    np.testing.assert_array_equal(nw.load(tmp_path / "run").predict(X), predicted)
    assert run.evaluate((X, Y))["accuracy"] == pytest.approx(np.mean(predicted == Y))
