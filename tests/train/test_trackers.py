"""What the trackers wrote, read back by the programs they wrote it for."""

import importlib.util
import os

import pytest

import netwright as nw
from netwright.core.errors import RunError
from netwright.train.trackers._numbers import numbers

THEIR_WARNINGS = pytest.mark.filterwarnings("ignore")  # of the libraries about themselves
CONTROLS = nw.Controls(
    architecture=nw.Architecture(kind="logistic"), optimization=nw.Optimization(epochs=3, batch_size=32)
)


def needs(*modules):
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    return pytest.mark.skipif("NETWRIGHT_CI" not in os.environ and bool(missing), reason=f"needs {missing}")


@needs("tensorboardX", "tensorboard")
@THEIR_WARNINGS
def test_tensorboard_reads_every_epoch_and_the_controls(blobs, tmp_path):
    run = nw.fit(blobs, CONTROLS, callbacks=[nw.trackers.TensorBoard(tmp_path)])
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path)).Reload()
    assert {"loss/train", "loss/dev", "accuracy/dev", "learning_rate", "seconds"} <= set(
        events.Tags()["scalars"]
    )
    for name, column in {"loss/train": "train_loss", "accuracy/dev": "dev_accuracy"}.items():
        scalars = events.Scalars(name)
        assert [one.step for one in scalars] == run.history["step"].to_list()
        assert [one.value for one in scalars] == pytest.approx(run.history[column].to_list(), rel=1e-6)
    (text,) = events.Tensors("controls/text_summary")
    assert b"optimization.batch_size: 32" in text.tensor_proto.string_val[0]


@needs("mlflow")
@THEIR_WARNINGS
def test_mlflow_reads_every_epoch_the_controls_and_the_end(blobs, tmp_path):
    import mlflow

    place = f"sqlite:///{tmp_path}/mlflow.db"
    tracker = nw.trackers.MLflow(place, experiment="blobs", name="first")
    run = nw.fit(blobs, CONTROLS, callbacks=[tracker])
    client = mlflow.MlflowClient(tracking_uri=place)
    told = client.get_run(tracker.run_id)
    assert (told.info.status, told.info.run_name) == ("FINISHED", "first")
    assert client.get_experiment(told.info.experiment_id).name == "blobs"
    assert told.data.params["optimization.batch_size"] == "32"
    assert told.data.tags["reason"] == run.record["reason"]
    metrics = client.get_metric_history(tracker.run_id, "loss/dev")
    assert [one.step for one in metrics] == run.history["step"].to_list()
    assert [one.value for one in metrics] == run.history["dev_loss"].to_list()
    # The same run goes on where its id is given.
    nw.fit(blobs, CONTROLS, callbacks=[nw.trackers.MLflow(place, run_id=tracker.run_id)])
    assert len(client.get_metric_history(tracker.run_id, "loss/dev")) == 6


def test_numbers_of_a_population_are_its_members():
    record = {"epoch": 0, "step": 4, "train_loss": [1.0, 2.0], "dev_loss": 3.0, "seconds": 0.5}
    assert numbers(record) == {"loss/train/0": 1.0, "loss/train/1": 2.0, "loss/dev": 3.0, "seconds": 0.5}


@pytest.mark.parametrize("tracker", ["TensorBoard", "MLflow"])
def test_a_missing_library_is_named_with_its_extra(monkeypatch, tmp_path, tracker):
    monkeypatch.setattr("netwright.core.extras.find_spec", lambda module: None)
    with pytest.raises(RunError, match=r'pip install "netwright\[track\]"'):
        getattr(nw.trackers, tracker)(str(tmp_path))
