"""What a run answers beyond predictions: confusion, calibration, sparsity, summary; and what it refuses."""

import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import ControlError, DataError, RunError, TrainingError
from netwright.train.checkpoint import newest, write
from netwright.train.job import Job, Own


@pytest.fixture(scope="module")
def run(blobs):
    controls = nw.Controls(
        optimization=nw.Optimization(epochs=8, learning_rate=0.02),
        regularization=nw.Regularization(l1=0.02, dropout=0.0),
    )
    return nw.fit(blobs, controls, progress=False)


def test_confusion_counts_every_dev_row(run):
    """AR-1: the diagonal is what accuracy counts."""
    counts = run.confusion_matrix("dev").select("0", "1").to_numpy()
    assert counts.sum() == run.record["rows"]["dev"]
    assert np.trace(counts) / counts.sum() == pytest.approx(run.evaluate("dev")["accuracy"])


def test_calibration_moves_probabilities_and_no_label(run, blobs):
    """AR-1: a temperature keeps the order of the classes."""
    X = blobs.features.content
    labels, before = run.predict(X), run.predict_proba(X)
    temperature = run.calibrate("dev")
    assert temperature != 1
    np.testing.assert_array_equal(run.predict(X), labels)
    logit = np.log(before[:, 1] / before[:, 0])
    np.testing.assert_allclose(run.predict_proba(X)[:, 1], 1 / (1 + np.exp(-logit / temperature)), rtol=1e-6)


def test_l1_is_reported(run):
    """RG-3: zeros are counted per kernel, and the features still read are named."""
    params = run.predictor.params
    kernels = {name: np.asarray(a) for name, a in params.items() if name.endswith("kernel")}
    assert run.sparsity["zeros"].to_list() == [int((a == 0).sum()) for a in kernels.values()]
    assert run.sparsity["zeros"].sum() > 0
    first = kernels["hidden.0.linear.kernel"]
    used = [name for name, row in zip(run.predictor.encoder.feature_names, first, strict=True) if row.any()]
    assert run.used_features == used


def test_summary_counts_every_parameter(run):
    """NN-2: layers, shapes, counts."""
    total = sum(a.size for a in run.predictor.params.values())
    assert run.summary.parameters == total
    assert f"{total:,}" in str(run.summary)
    assert [layer.name for layer in run.summary][-1] == "output"


def test_a_dev_row_beyond_all_bounds_stops_the_run(blobs):
    X = np.array(blobs.features.content, np.float64)
    y = np.arange(103.0)
    X_dev = X[:5].copy()
    X_dev[0, 0] = 1e30
    dataset = nw.Dataset.from_arrays(X, y, X_dev, y[:5], task="regression")
    with pytest.raises(TrainingError, match="dev loss is not finite") as caught:
        nw.fit(dataset, nw.Controls(optimization=nw.Optimization(epochs=2)), progress=False)
    assert np.isfinite(caught.value.run.predict(X)).all()


def test_dev_rows_of_no_weight_are_refused(blobs):
    X, y = np.array(blobs.features.content), np.arange(103.0)
    weight = np.ones(103)
    dataset = nw.Dataset.from_arrays(X, y, task="regression", sample_weight=weight)
    dataset.weight[dataset.splits(nw.DataControls()).dev] = 0
    with pytest.raises(DataError, match="weight 0"):
        nw.fit(dataset, progress=False)


def test_training_rows_of_no_weight_are_as_good_as_absent(blobs):
    """TD-1: Σ w·loss without the row, also when the row overflows float32."""
    X, y = np.array(blobs.features.content), np.asarray(blobs.labels.values)
    far = np.vstack([X, np.full((1, 3), 3e38, np.float32)])
    controls = nw.Controls(
        optimization=nw.Optimization(epochs=3, batch_size=16),
        regularization=nw.Regularization(dropout=0.0),
        data=nw.DataControls(normalize="none", dev_fraction=0, test_fraction=0),
    )
    weighted = nw.Dataset.from_arrays(far, np.append(y, 0), sample_weight=np.append(np.ones(103), 0))
    a = nw.fit(weighted, controls, progress=False).predictor.params
    b = nw.fit(nw.Dataset.from_arrays(X, y), controls, progress=False).predictor.params
    for name in a:
        # The weights are 104/103, for a mean of 1 over all rows; dividing by their sum leaves float32's rounding.
        np.testing.assert_allclose(a[name], b[name], rtol=1e-5, atol=1e-7)


def test_long_histories_fit_into_a_checkpoint(blobs, tmp_path):
    controls = nw.Controls(
        optimization=nw.Optimization(epochs=2), regularization=nw.Regularization(dropout=0.0)
    )
    job = Job(blobs, controls, 0, Own(), None)
    job.training.run()
    snapshot = job.training.kept
    snapshot.records.history = job.training.now.records.history * 50_000
    write(tmp_path / "checkpoint-0.safetensors", snapshot)
    assert newest(tmp_path, job.training.now).records.history == snapshot.records.history


class Own3(nnx.Module):
    def __init__(self, rngs):
        self.linear = nnx.Linear(3, 1, rngs=rngs)

    def __call__(self, x):
        return self.linear(x)


def test_a_run_of_an_own_module_is_resumed_with_it_only(blobs, tmp_path):
    model = Own3(nnx.Rngs(0))
    nw.fit(
        blobs,
        nw.Controls(optimization=nw.Optimization(epochs=1)),
        model=model,
        out=tmp_path / "run",
        progress=False,
    )
    record = (tmp_path / "run" / "run.json").read_text().replace('"done"', '"stopped"')
    (tmp_path / "run" / "run.json").write_text(record)
    with pytest.raises(RunError, match="pass it as model="):
        nw.resume(tmp_path / "run", dataset=blobs, progress=False)


def test_controls_of_a_custom_rule_ask_for_it(blobs):
    with pytest.raises(ControlError, match="pass your own as rule="):
        nw.fit(blobs, nw.Controls(optimization=nw.Optimization(rule="custom")), progress=False)


def test_anything_but_a_data_set_is_refused(blobs):
    with pytest.raises(DataError, match=r"found ndarray.*from_arrays"):
        nw.fit(np.zeros((3, 2)), progress=False)
    with pytest.raises(ControlError, match="found dict"):
        nw.fit(blobs, {"epochs": 3}, progress=False)


def test_one_process_at_a_time(blobs, tmp_path):
    from netwright.core.lock import only_one

    with (
        only_one(tmp_path / "state" / "lock"),
        pytest.raises(RunError, match="in use by another"),
        only_one(tmp_path / "state" / "lock"),
    ):
        pass
