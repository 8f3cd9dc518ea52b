"""In the company of scikit-learn, pandas, Polars and pickle."""

import datetime
import pickle
import subprocess
import sys
from pathlib import Path

import jax
import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from netwright.core.errors import DataError
from netwright.estimators import NetClassifier, NetRegressor
from netwright.estimators._inputs import table_of

generator = np.random.default_rng(0)
X = generator.normal(size=(90, 3))
y = (X[:, 0] > 0).astype(int)
quick = {"hidden": 8, "epochs": 3, "random_state": 0}


def mixed() -> pd.DataFrame:
    rows = 90
    colour = generator.choice(["red", "green", "blue"], rows)
    frame = pd.DataFrame(
        {
            "colour": pd.Categorical(colour),
            "word": generator.choice(["low", "high"], rows),
            "count": np.arange(rows),
            "size": generator.normal(size=rows),
            "flag": generator.random(rows) > 0.5,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(rows), unit="D"),
        }
    )
    frame.loc[3, "size"] = np.nan
    return frame


def test_pipeline_and_cross_validation() -> None:
    pipeline = make_pipeline(
        PolynomialFeatures(2), NetClassifier(hidden=8, epochs=40, learning_rate=0.02, random_state=0)
    )
    scores = cross_val_score(pipeline, X, y, cv=3)
    assert scores.mean() > 0.8


def test_grid_search_with_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "NETWRIGHT_CACHE", str(Path(jax.config.jax_compilation_cache_dir).parent / "netwright")
    )
    grid = {"l2": np.array([0.1, 10.0]), "learning_rate": [0.01, 0.02]}
    search, alone = (GridSearchCV(NetRegressor(**quick), grid, cv=2, n_jobs=jobs) for jobs in (2, None))
    search.fit(X, X[:, 0])
    alone.fit(X, X[:, 0])
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])
    assert len(set(search.cv_results_["mean_test_score"])) == 4
    np.testing.assert_array_equal(search.predict(X), alone.predict(X))


def test_calibration_and_stacking() -> None:
    calibrated = CalibratedClassifierCV(NetClassifier(**quick), cv=2).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)
    stack = StackingRegressor([("net", NetRegressor(**quick))], final_estimator=Ridge(), cv=2).fit(X, X[:, 0])
    assert stack.predict(X).shape == (90,)


def test_frames_of_pandas_and_polars_are_one() -> None:
    frame = mixed()
    labels = np.where((frame["colour"] == "red") | (frame["size"] > 1), "yes", "no")
    model = NetClassifier(hidden=16, epochs=60, random_state=0).fit(frame, labels)
    assert model.feature_names_in_.tolist() == list(frame.columns)
    assert model.score(frame, labels) > 0.85
    polars = pl.from_pandas(frame)
    np.testing.assert_array_equal(model.predict_proba(polars), model.predict_proba(frame))
    other = NetClassifier(hidden=16, epochs=60, random_state=0).fit(polars, pl.Series(labels))
    np.testing.assert_array_equal(other.predict_proba(frame), model.predict_proba(frame))


def test_types_of_columns_decide_and_nothing_is_left_out() -> None:
    columns = {"id": range(60), "text": [f"w{i}" for i in range(60)], "one": [1.0] * 60, "flag": [True] * 60}
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(i) for i in range(60)]
    found = table_of(pl.DataFrame(columns | {"day": days})).columns()
    assert [column.kind for column in found] == ["numeric", "categorical", "numeric", "boolean", "date"]
    assert all(column.used for column in found)


def test_an_array_after_a_frame_warns_and_works() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = NetClassifier(**quick).fit(frame, pd.Series(y))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        found = model.predict_proba(X)
    np.testing.assert_array_equal(found, model.predict_proba(frame))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[["b", "a", "c"]])


def test_a_frame_after_an_array_works() -> None:
    model = NetClassifier(**quick).fit(X, y)
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        found = model.predict_proba(pd.DataFrame(X, columns=["a", "b", "c"]))
    np.testing.assert_array_equal(found, model.predict_proba(X))


def test_a_bad_cell_of_a_frame_is_named() -> None:
    frame = mixed()
    model = NetClassifier(**quick).fit(frame, np.arange(90) % 2)
    wrong = frame.assign(size="much")
    with pytest.raises(DataError, match="column 'size'"):
        model.predict(wrong)


def test_sparse_and_missing_arrays_are_refused() -> None:
    scipy_sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="Sparse data was passed"):
        NetClassifier(**quick).fit(scipy_sparse.csr_matrix(X), y)
    with pytest.raises(ValueError, match="contains NaN"):
        NetClassifier(**quick).fit(np.where(X > 2, np.nan, X), y)


def test_pickle_and_clone(tmp_path: Path) -> None:
    model = NetClassifier(**quick).fit(mixed(), np.arange(90) % 2)
    frame = mixed()
    expected = model.predict_proba(frame)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(frame), expected)
    joblib.dump((model, frame, expected), tmp_path / "model.joblib")
    script = (
        "import joblib, numpy as np\n"
        f"model, frame, expected = joblib.load({str(tmp_path / 'model.joblib')!r}, mmap_mode='r')\n"
        "np.testing.assert_array_equal(model.predict_proba(frame), expected)\n"
        "assert len(model.history_) == 3 and model.run_.status == 'done'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    assert not hasattr(clone(model), "classes_")
    assert clone(model).get_params() == model.get_params()


def test_a_pickle_holds_no_arrays_of_jax() -> None:
    text = pickle.dumps(NetRegressor(**quick).fit(X, X[:, 0]), protocol=0)
    assert b"jax" not in text
    assert b"numpy" in text


def test_what_a_fit_keeps_does_not_grow_with_the_rows() -> None:
    sizes = [len(pickle.dumps(NetRegressor(**quick).fit(np.tile(X, (k, 1)), np.tile(y, k)))) for k in (1, 20)]
    assert abs(sizes[1] - sizes[0]) < 2000
