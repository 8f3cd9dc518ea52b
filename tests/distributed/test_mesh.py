"""Several devices share each mini-batch: the numbers of one device, to the rounding of sums."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import netwright as nw
from netwright.core.errors import ControlError
from netwright.train.mesh import mesh_of

SHARING = Path(__file__).with_name("sharing.py")


@pytest.fixture(scope="module")
def out(tmp_path_factory, environment):
    """What trainings on one, two and three simulated devices left."""
    folder = tmp_path_factory.mktemp("sharing")
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=3"}
    done = subprocess.run(
        [sys.executable, SHARING, folder],
        env=environment | flags,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def told(out):
    return json.loads((out / "told.json").read_text())


@pytest.mark.parametrize(
    "name", ["on 2", "on 3", "streamed on 2", "from 2 to 1", "from 1 to 3", "from 2 to 2"]
)
def test_the_result_is_that_of_one_device(name, out, told):
    """Batch statistics, dropout, weights of rows, padded rows, early stopping; also of a run that changed devices."""
    found, expected = np.load(out / f"{name}.npz"), np.load(out / "on 1.npz")
    assert sorted(found) == sorted(expected)
    for key in expected:
        np.testing.assert_allclose(found[key], expected[key], rtol=2e-4, atol=2e-6, err_msg=key)
    history = pl.read_parquet(out / f"{name}.parquet")
    assert_frame_equal(history, pl.read_parquet(out / "on 1.parquet"), rel_tol=1e-5, abs_tol=1e-6)
    assert told[name]["dev"] == pytest.approx(told["on 1"]["dev"], rel=1e-5)
    assert told[name]["devices"] == int(name[-1])


def test_resumed_on_as_many_devices_it_is_bit_for_bit_the_same(out):
    found, expected = np.load(out / "from 2 to 2.npz"), np.load(out / "on 2.npz")
    for key in expected:
        np.testing.assert_array_equal(found[key], expected[key], err_msg=key)


def test_another_number_of_devices_is_told(told):
    assert told["from 2 to 2 warned"] == []
    (said,) = told["from 2 to 1 warned"]
    assert "begun with devices: 2, goes on with devices: 1; it may round otherwise" in said
    assert told["from 2 to 1 said"].startswith("interrupted; go on with: nw.resume(")


def test_a_run_on_many_devices_is_loaded_on_one(out):
    one, two = nw.load(out / "on 1"), nw.load(out / "on 2")
    X = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    np.testing.assert_allclose(two.predict_proba(X), one.predict_proba(X), atol=1e-5)


def test_more_devices_than_there_are(told):
    assert told["too many"].startswith("devices: found 3 (cpu), expected at least 4; on a CPU ask before JAX")
    with pytest.raises(ControlError, match="devices: found 0, expected at least 1"):
        mesh_of(0)
    assert mesh_of(None) is None
    assert mesh_of(1) is None
