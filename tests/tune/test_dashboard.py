"""optuna-dashboard, the real package, opens the storage of a study and shows its trials."""

import io
import json

import pytest

import netwright as nw
from netwright.tune.storage import open_storage


@pytest.fixture(scope="module")
def study(blobs, tmp_path_factory):
    space = nw.Space.parse(["optimization.learning_rate=1e-3..1e-1:log", "regularization.dropout=0.05..0.5"])
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(4,)),
        optimization=nw.Optimization(rule="momentum", batch_size="full", epochs=3),
    )
    return nw.tune(
        blobs, space, "random", trials=6, controls=controls, out=tmp_path_factory.mktemp("dash") / "out"
    )


@pytest.fixture(scope="module")
def ask(study):
    """Ask the dashboard's server for a path and return its answer."""
    dashboard = pytest.importorskip("optuna_dashboard")

    with open_storage(study.storage) as storage:
        app = dashboard.wsgi(storage)

        def get(path):
            said = []
            environ = {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "QUERY_STRING": "",
                "wsgi.input": io.BytesIO(),
            }
            environ |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
            body = b"".join(app(environ, lambda status, headers, error=None: said.append(status)))
            return said[0], body

        yield get


def test_the_dashboard_lists_the_study(ask, study):
    status, body = ask("/api/studies")
    assert status.startswith("200")
    (found,) = json.loads(body)["study_summaries"]
    assert found["study_name"] == study.name
    assert found["directions"] == ["minimize"]


def test_the_dashboard_shows_every_trial_with_its_value_and_point(ask, study):
    (found,) = json.loads(ask("/api/studies")[1])["study_summaries"]
    status, body = ask(f"/api/studies/{found['study_id']}")
    assert status.startswith("200")
    trials = json.loads(body)["trials"]
    assert [trial["state"] for trial in trials] == ["Complete"] * 6
    assert [trial["values"] for trial in trials] == [[value] for value in study.trials["value"].to_list()]
    for trial, point in zip(trials, study.points, strict=True):
        shown = {one["name"]: float(one["param_internal_value"]) for one in trial["params"]}
        assert shown == pytest.approx(point)


def test_the_dashboard_s_page_is_served(ask):
    status, body = ask("/dashboard")
    assert status.startswith("200")
    assert b'<div id="dashboard"' in body
