"""``netwright examples`` and ``netwright doctor``."""

import json

import jax

import netwright as nw


def test_examples_are_listed(say):
    result = say("examples")
    assert all(one.name in result.stdout for one in nw.examples())
    told = json.loads(say("examples", "--json").stdout)
    assert [one["name"] for one in told["examples"]] == [one.name for one in nw.examples()]
    assert told["examples"][0]["rows"] == 1797


def test_doctor(say, tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))
    (tmp_path / "file").write_bytes(b"12345")
    told = json.loads(say("doctor", "--json").stdout)
    assert told["versions"]["jax"] == jax.__version__
    assert told["versions"]["netwright"] == nw.__version__
    assert len(told["devices"]) == jax.device_count()
    assert told["cache"] == {"path": str(tmp_path), "bytes": 5}
    assert told["numbers"]["x64"] is False
    assert told["data_budget_bytes"] > 0
    assert told["kernels"]["says"]
    said = say("doctor").stdout
    assert f"jax {jax.__version__}" in said
    assert str(tmp_path) in said
    assert told["kernels"]["says"] in said
