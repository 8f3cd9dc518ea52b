"""Large inputs are encoded, predicted and judged block by block: the same answers in bounded memory."""

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.core.layout import Layout
from netwright.data.matrix_encoder import MatrixEncoder
from netwright.data.table_encoder import TableEncoder
from netwright.train import predictor
from netwright.train.block import BLOCK_ROWS, block_rows

ROWS = 2 * BLOCK_ROWS + 777


@pytest.fixture(scope="module", params=["array", "table"])
def case(request):
    """A run, its encoder's class, and more rows than two blocks hold, with their targets and weights."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(ROWS, 3)).astype(np.float32)
    y = (X[:, 0] > 0).astype(np.int64)
    weight = generator.uniform(size=ROWS) * (generator.uniform(size=ROWS) > 0.1)
    features, kind = X, MatrixEncoder
    if request.param == "table":
        features = pl.DataFrame(
            {"a": X[:, 0], "b": X[:, 1], "job": np.array(list("xyz"))[np.arange(ROWS) % 3]}
        )
        kind = TableEncoder
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(4,)), optimization=nw.Optimization(epochs=1, batch_size=64)
    )
    return nw.fit(nw.Dataset.from_arrays(features[:200], y[:200]), controls), kind, features, y, weight


@pytest.fixture
def largest(monkeypatch, case):
    """The most rows that were encoded at once."""
    seen, transform = [0], case[1].transform

    def watched(self, features, *, rows=None, source="data"):
        x = transform(self, features, rows=rows, source=source)
        seen[0] = max(seen[0], len(x))
        return x

    monkeypatch.setattr(case[1], "transform", watched)
    return seen


@pytest.mark.parametrize("blocks", [1, 2])
def test_predictions_are_those_of_rows_encoded_at_once(case, largest, blocks, monkeypatch):
    run, _, features, *_ = case
    monkeypatch.setattr(predictor, "PIECE", blocks * BLOCK_ROWS * run.predictor.encoder.n_in)
    whole = run.predictor.outputs_of(run.predictor.encoder.transform(features))
    assert largest[0] == ROWS
    largest[0] = 0
    np.testing.assert_array_equal(run.predictor.outputs(features), whole)
    assert largest[0] == blocks * BLOCK_ROWS
    np.testing.assert_array_equal(run.predict(features), run.predictor.labels(whole))


def test_judged_by_blocks_the_scores_are_the_same(case, largest, monkeypatch):
    run, _, features, y, weight = case
    for given in ((features, y), (features, y, weight)):
        whole = run.evaluate(given)
        assert largest[0] == ROWS
        with monkeypatch.context() as small:
            small.setattr("netwright.train.run.KEPT_BYTES", 0)
            small.setattr(predictor, "PIECE", 0)
            largest[0] = 0
            assert run.evaluate(given) == whole
            assert largest[0] == BLOCK_ROWS


def test_a_bad_cell_is_named_by_its_row_in_the_whole_input(case):
    run, kind, features, *_ = case
    if kind is MatrixEncoder:
        bad = features.copy()
        bad[BLOCK_ROWS + 5, 1] = np.inf
    else:
        cells = [*map(str, features["b"]), "many"]
        cells[BLOCK_ROWS + 5] = cells.pop()
        bad = features.with_columns(b=pl.Series(cells))
    with pytest.raises(DataError, match=rf"row {BLOCK_ROWS + 6} "):
        run.predict(bad)


def several(*parts):
    return Layout("several", (sum(part.size for part in parts),), parts=parts)


@pytest.mark.parametrize(
    ("layout", "rows"),
    [
        (Layout("table", (20_000,)), 8192),
        (Layout("image", (28, 28, 1)), 4096),
        (Layout("image", (32, 32, 3)), 1024),
        (Layout("image", (512, 512, 3)), 64),
        (Layout("sequence", (50, 12)), 4096),
        (Layout("text", (50,), vocabulary=99), 256),
        (Layout("text", (256,), vocabulary=99), 64),
        (several(Layout("table", (3,)), Layout("table", (5,))), 8192),
        (several(Layout("table", (3,)), Layout("image", (32, 32, 3))), 1024),
        (several(Layout("image", (28, 28, 1)), Layout("text", (50,), vocabulary=99)), 256),
    ],
)
def test_blocks_are_as_large_as_memory_bears(layout, rows):
    assert block_rows(layout) == rows
