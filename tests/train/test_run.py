import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import optax
import polars as pl
import pytest
from flax import nnx
from safetensors.numpy import load_file, save_file
from sklearn import metrics

import netwright as nw
from netwright.core.errors import ControlError, DataError, RunError

SOURCES = Path(nw.__file__).parent


@pytest.fixture
def folder(run, tmp_path):
    """A run's folder to be damaged."""
    run.save(tmp_path / "run")
    return tmp_path / "run"


# ------------------------------------------------------------------------------------------------ save and load


def test_a_loaded_run_is_the_run(run, blobs, folder, identical):
    loaded = nw.load(folder, dataset=blobs)
    identical(loaded, run)
    assert loaded.history.equals(run.history)
    X = blobs.features.content
    np.testing.assert_array_equal(loaded.predict_proba(X), run.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), run.predict(X))
    assert loaded.evaluate("dev") == run.evaluate("dev")
    assert (loaded.controls, loaded.seed, loaded.status) == (run.controls, run.seed, "done")
    assert loaded.classes == run.classes
    assert loaded.dataset_fingerprint == blobs.fingerprint


def test_the_folder_holds_json_safetensors_and_parquet_and_nothing_else(folder):
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == [
        "history.parquet",
        "model/config.json",
        "model/preprocess.json",
        "model/weights.safetensors",
        "run.json",
        "trace.parquet",
    ]
    record = json.loads((folder / "run.json").read_text())
    assert record["version"] == 1
    assert set(record["versions"]) == {"python", "netwright", "jax", "flax", "optax", "numpy"}


def test_saving_a_loaded_run_gives_the_same_files(folder, tmp_path):
    nw.load(folder).save(tmp_path / "again")
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            assert (tmp_path / "again" / path.relative_to(folder)).read_bytes() == path.read_bytes()


def test_fit_into_a_folder_leaves_the_run_and_no_state(blobs, controls, run, tmp_path, identical):
    nw.fit(blobs, controls, seed=1, out=tmp_path / "run")
    identical(nw.load(tmp_path / "run"), run)
    assert not (tmp_path / "run" / "state").exists()


def test_a_run_of_the_users_own_parts_needs_them_again(blobs, controls, tmp_path):
    class Own(nnx.Module):
        def __init__(self, width=4):
            self.first = nnx.Linear(3, width, rngs=nnx.Rngs(0))
            self.drop = nnx.Dropout(0.2, rngs=nnx.Rngs(1))
            self.second = nnx.Linear(width, 1, rngs=nnx.Rngs(2))

        def __call__(self, x):
            return self.second(self.drop(nnx.relu(self.first(x))))

    controls = controls.replace(
        optimization=nw.Optimization(epochs=2, batch_size=16, schedule="constant"),
        regularization=nw.Regularization(),
    )
    run = nw.fit(
        blobs,
        controls,
        model=Own(),
        rule=optax.sgd(0.1),
        loss=lambda z, y: jnp.square(z),
        out=tmp_path / "run",
    )
    with pytest.raises(RunError, match="a module of your own; pass one of the same structure as model="):
        nw.load(tmp_path / "run")
    with pytest.raises(RunError, match="belongs to another model"):
        nw.load(tmp_path / "run", model=Own(width=5))
    loaded = nw.load(tmp_path / "run", model=Own(), dataset=blobs)
    X = blobs.features.content
    np.testing.assert_array_equal(loaded.predict_proba(X), run.predict_proba(X))
    assert loaded.controls.optimization.rule == "custom"
    with pytest.raises(RunError, match="a loss of your own; pass it as loss= to xray"):
        loaded.xray(rows=3)


def test_evaluate_against_scikit_learn(run, blobs):
    splits = blobs.splits(run.controls.data)
    X, y = blobs.features.content, np.asarray(blobs.labels.values)
    for name in ("train", "dev", "test"):
        rows = getattr(splits, name)
        p, found = run.predict_proba(X[rows]), run.evaluate(name)
        # The loss is computed in float32 from logits, scikit-learn's in float64 from probabilities.
        assert found["loss"] == pytest.approx(metrics.log_loss(y[rows], p), rel=1e-5)
        assert found["accuracy"] == metrics.accuracy_score(y[rows], run.predict(X[rows]))
        assert found["auc"] == pytest.approx(metrics.roc_auc_score(y[rows], p[:, 1]), rel=1e-12)


def test_opening_the_test_set_is_counted(folder, blobs):
    loaded = nw.load(folder, dataset=blobs)
    before = loaded.record.get("test_openings", 0)
    loaded.evaluate("dev")
    assert loaded.record.get("test_openings", 0) == before
    loaded.evaluate("test")
    loaded.evaluate()
    assert nw.load(folder).record["test_openings"] == before + 2


def test_evaluate_on_another_data_set(run, blobs):
    whole = run.evaluate(blobs)
    p = run.predict_proba(blobs.features.content)
    assert whole["loss"] == pytest.approx(metrics.log_loss(np.asarray(blobs.labels.values), p), rel=1e-5)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda X, y: (X, y[:9]), "evaluate: found 60 rows of features and 9 of targets, expected as many"),
        (lambda X, y: (X[:9], y), "evaluate: found 9 rows of features and 60 of targets, expected as many"),
        (lambda X, y: X, r"evaluate: found a ndarray, expected .* or \(X, y\) or \(X, y, weight\)"),
        (lambda X, y: (X,), "evaluate: found a tuple, expected"),
        (lambda X, y: pl.DataFrame(X), "evaluate: found a DataFrame, expected"),
    ],
)
def test_other_rows_are_features_with_as_many_targets(run, blobs, what, said):
    X, y = blobs.features.content[:60], blobs.labels.labels(np.arange(60))
    with pytest.raises(DataError, match=said):
        run.evaluate(what(X, y))


def test_bad_questions(run, blobs, controls):
    with pytest.raises(RunError, match="found 'tset', expected 'train', 'train_dev', 'dev', 'test'"):
        run.evaluate("tset")
    with pytest.raises(DataError, match="predict"):
        run.predict(np.zeros((2, 7)))
    for seed in (-1, 2**32, 1.5, "one", None):
        with pytest.raises(ControlError, match=r"^seed: found .*, expected an integer from 0 to 4294967295$"):
            nw.fit(blobs, controls, seed=seed)


def test_a_numpy_seed_is_a_seed(blobs, controls, run, identical):
    found = nw.fit(blobs, controls, seed=np.int64(1))
    identical(found, run)
    assert type(found.seed) is int


def test_a_loaded_run_without_its_data_says_what_to_do(folder, blobs, digits):
    with pytest.raises(RunError, match=r"'blobs' was not read from a file; pass it as dataset= to nw\.load"):
        nw.load(folder).evaluate("dev")
    with pytest.raises(RunError, match="'blobs' has changed since the run began"):
        nw.load(folder, dataset=digits).evaluate("dev")


# ------------------------------------------------------------------------------------------ damaged and hostile


def test_what_is_no_run(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(RunError, match=r"no run here \(run\.json is missing\)"):
            nw.load(path)


def test_an_existing_folder_is_not_overwritten(blobs, controls, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for path in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(RunError, match="exists already"):
            nw.fit(blobs, controls, out=path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def weights_file(folder):
    return folder / "model" / "weights.safetensors"


def truncated(folder):
    path = weights_file(folder)
    path.write_bytes(path.read_bytes()[:-7])


def huge_header(folder):
    path = weights_file(folder)
    path.write_bytes(struct.pack("<Q", 2**60) + path.read_bytes()[8:])


def changed(folder, change):
    tensors = load_file(weights_file(folder))
    change(tensors)
    save_file(tensors, weights_file(folder))


def wrong_shape(folder):
    changed(folder, lambda t: t.update({"params.output.kernel": np.zeros((4, 2), np.float32)}))


def transposed(folder):
    changed(
        folder,
        lambda t: t.update({"params.output.kernel": np.ascontiguousarray(t["params.output.kernel"].T)}),
    )


def wrong_dtype(folder):
    changed(folder, lambda t: t.update({"params.output.bias": t["params.output.bias"].astype(np.float64)}))


def missing_tensor(folder):
    changed(folder, lambda t: t.pop("rest.hidden.0.norm.mean"))


def extra_tensor(folder):
    changed(folder, lambda t: t.update({"params.secret": np.zeros(3, np.float32)}))


def edited(name, change):
    def edit(folder):
        path = folder / name
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return edit


def text(name, content):
    return lambda folder: (folder / name).write_text(content)


def elsewhere(name):
    def link(folder):
        path = folder / name
        outside = folder.parent / f"outside-{path.name}"
        shutil.move(path, outside)
        path.symlink_to(outside)

    return link


def set_model(**fields):
    return edited("model/config.json", lambda c: c["model"].update(fields))


DAMAGES = {
    "truncated weights": (truncated, "damaged weights"),
    "huge header": (huge_header, "a header of 1152921504606846976 bytes"),
    "wrong shape": (wrong_shape, r"'params\.output\.kernel' is float32 \(4, 2\), expected float32 \(4, 1\)"),
    "transposed": (transposed, r"is float32 \(1, 4\), expected float32 \(4, 1\)"),
    "wrong dtype": (wrong_dtype, "is float64"),
    "missing tensor": (missing_tensor, r"'rest\.hidden\.0\.norm\.mean' is missing"),
    "extra tensor": (extra_tensor, r"'params\.secret' is not part of the model"),
    "no weights": (lambda folder: weights_file(folder).unlink(), "cannot be read"),
    "unknown run version": (
        edited("run.json", lambda c: c.update(version=2)),
        "version 2, this netwright reads 1",
    ),
    "unknown model version": (edited("model/config.json", lambda c: c.update(version="x")), "version 'x'"),
    "no version": (edited("run.json", lambda c: c.pop("version")), "version None"),
    "run is not JSON": (text("run.json", "{"), r"run\.json: damaged \(not JSON\)"),
    "run is a list": (text("run.json", "[]"), r"run\.json: damaged"),
    "run is empty": (text("run.json", '{"version": 1}'), "damaged"),
    "no controls": (edited("run.json", lambda c: c.pop("controls")), "damaged"),
    "foreign controls": (edited("run.json", lambda c: c["controls"].update(evil=1)), "damaged"),
    "config is not JSON": (text("model/config.json", "\0"), r"config\.json: damaged"),
    "no task": (edited("model/config.json", lambda c: c.pop("task")), "damaged"),
    "unknown model": (set_model(kind="os"), "damaged"),
    "a path as model": (set_model(kind="../../evil"), "damaged"),
    "unknown activation": (set_model(activation="exec"), "damaged"),
    "unknown initializer": (set_model(kernel="exec"), "damaged"),
    "enormous width": (set_model(hidden=[2**40, 4]), "refused"),
    "negative width": (set_model(hidden=[-1, 4]), "refused"),
    "text as width": (set_model(hidden=["6", 4]), "refused"),
    "unknown field": (set_model(command="rm"), "damaged"),
    "preprocess is empty": (text("model/preprocess.json", "{}"), "damaged"),
    "preprocess is not JSON": (text("model/preprocess.json", "nope"), "damaged"),
    "weights lead out": (elsewhere("model/weights.safetensors"), "leads out of the run's folder; refused"),
    "config leads out": (elsewhere("model/config.json"), "leads out of the run's folder; refused"),
    "preprocess leads out": (elsewhere("model/preprocess.json"), "leads out of the run's folder; refused"),
    "model leads out": (elsewhere("model"), "leads out of the run's folder; refused"),
    "run.json leads out": (elsewhere("run.json"), "leads out of the run's folder; refused"),
    "history leads out": (elsewhere("history.parquet"), "leads out of the run's folder; refused"),
    "history is no parquet": (text("history.parquet", "PAR1"), "cannot be read"),
    "no model yet": (lambda folder: shutil.rmtree(folder / "model"), "no model yet"),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_refused_in_one_line(folder, damage, said):
    damage(folder)
    with pytest.raises(RunError, match=said) as caught:
        _ = nw.load(folder).history
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value) or "outside" in str(caught.value)


def test_a_state_folder_that_leads_out_is_never_emptied(folder, blobs, tmp_path):
    """The checkpoints of a finished run are removed: a link must not turn that against other files."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    (folder / "state").symlink_to(precious)
    edited("run.json", lambda c: c.update(status="stopped"))(folder)
    with pytest.raises(RunError, match="leads out of the run's folder; refused"):
        nw.resume(folder, dataset=blobs)
    assert (precious / "file").read_text() == "mine"


WORKERS = SOURCES / "tune" / "executors"
"""Starts processes and hands each its work in a folder that only this user can read and that ends with them."""


def test_nothing_in_the_sources_unpickles_or_executes():
    forbidden = re.compile(
        r"(import|from) +(pickle|cloudpickle|joblib|dill|shelve|marshal|subprocess)\b|allow_pickle=True"
        r"|(?<![.\w])(eval|exec|compile)\(|os\.system|yaml\.(unsafe_)?load\("
    )
    found = []
    for path in SOURCES.rglob("*.py"):
        if path.parent == WORKERS:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line):
                found.append(f"{path.relative_to(SOURCES)}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


def test_a_process_that_only_loads_keeps_its_programs_on_disk_too(folder):
    """Otherwise each that predicts, judges or diagnoses compiles anew."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import jax, netwright as nw; nw.load({str(folder)!r}); print(jax.config.jax_compilation_cache_dir)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() not in ("", "None")


def test_a_failed_write_leaves_the_old_run(folder, run, blobs, controls, monkeypatch):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    other = nw.fit(blobs, controls, seed=2)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        other.save(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_save_does_not_overwrite_what_is_no_run(tmp_path, run):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(RunError, match="exists already"):
        run.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]
    run.save(tmp_path / "a")
    run.save(tmp_path / "a")
