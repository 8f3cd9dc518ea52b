"""Folders in the hub's layout: found, fetched, and refused where they are of another model, damaged or hostile."""

import json
import shutil
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import netwright as nw
from netwright.core.errors import BackboneError


@pytest.fixture
def folder(golden, tmp_path):
    """A copy of the small BERT."""
    return shutil.copytree(golden("bert")[0], tmp_path / "bert")


def change(folder, name, **fields):
    path = folder / name
    found = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**found, **fields}))


def change_weights(folder, change):
    arrays = load_file(folder / "model.safetensors")
    change(arrays)
    save_file(arrays, folder / "model.safetensors")


WORDS = "embeddings.word_embeddings.weight"


def refused(folder, message):
    with pytest.raises(BackboneError, match=message) as found:
        nw.transfer.backbone(folder)
    assert str(folder) in str(found.value)
    assert len(str(found.value).splitlines()) <= 2


def test_a_family_that_is_not_known_is_named_with_the_nearest(folder):
    change(folder, "config.json", model_type="berd")
    refused(folder, r"model_type is 'berd'; did you mean 'bert'\? netwright has bert, efficientnet_lite")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    refused(folder, name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hidden_size": 10**12}, "hidden_size is 1000000000000, expected a whole number from 1"),
        ({"hidden_size": -1}, "hidden_size is -1"),
        ({"hidden_size": "os.system"}, "hidden_size is 'os.system'"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000"),
        ({"num_hidden_layers": 3}, r"'blocks\.2\..*' is missing"),
        ({"num_hidden_layers": 1}, r"'blocks\.1\..*' is too many for config.json"),
        ({"num_attention_heads": 5}, "5 heads do not divide 32"),
        ({"vocab_size": 161}, r"'stem.tokens.embedding' is \(160, 32\), expected \(161, 32\)"),
        ({"hidden_act": "x" * 10**6}, "hidden_act is 'xxx"),
        ({"layer_norm_eps": float("nan")}, "layer_norm_eps is nan"),
        ({"layer_norm_eps": True}, "layer_norm_eps is True"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type is 'relative_key'"),
        ({"model_type": ["bert"]}, "model_type"),
    ],
)
def test_settings_that_the_weights_or_netwright_do_not_have_are_refused(folder, fields, message):
    change(folder, "config.json", **fields)
    refused(folder, message)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"[" * 10**5, b'{"model_type": "bert"', b"\xed\xa0\x80"]
)
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_damaged_json_is_refused(folder, name, content):
    (folder / name).write_bytes(content)
    refused(folder, name)


def test_huge_json_is_not_read(folder, monkeypatch):
    monkeypatch.setattr("netwright.transfer.hub_folder.LARGEST_JSON", 100)
    refused(folder, r"config\.json: [\d,]+ bytes, expected at most 100")


def test_code_beside_the_weights_is_neither_needed_nor_run(folder):
    change(folder, "config.json", auto_map={"AutoModel": "modeling.Model"}, trust_remote_code=True)
    (folder / "modeling.py").write_text("raise SystemExit('ran')")
    assert nw.transfer.backbone(folder).family == "bert"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda arrays: arrays.pop(WORDS), "'stem.tokens.embedding' is missing"),
        (
            lambda arrays: arrays.update({WORDS: arrays[WORDS][:-1].copy()}),
            r"is \(159, 32\), expected \(160, 32\)",
        ),
        (
            lambda arrays: arrays.update({WORDS: arrays[WORDS].astype(np.float64)}),
            "is float64, expected float32",
        ),
        (lambda arrays: arrays[WORDS].fill(np.nan), "not finite"),
        (
            lambda arrays: arrays.update({"h.0.attn.weight": np.ones(3, np.float32)}),
            "is no part of this family",
        ),
        (
            lambda arrays: arrays.update(
                {"encoder.layer.0.attention.self.query.weight": np.ones((2, 3, 4), np.float32)}
            ),
            "do not fit together",
        ),
    ],
)
def test_weights_of_another_model_are_refused(folder, damage, message):
    change_weights(folder, damage)
    refused(folder, message)


def test_a_tokenizer_with_numbers_beyond_the_embeddings_is_refused(folder):
    fields = json.loads((folder / "tokenizer.json").read_text())
    fields["model"]["vocab"]["beyond"] = 160
    (folder / "tokenizer.json").write_text(json.dumps(fields))
    refused(folder, r"tokenizer\.json: number 160 of a token, expected fewer than 160")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocab": {"[PAD]": 0, "[CLS]": 2, "[SEP]": 3}}, r"Missing \[UNK\] token"),
        ({"type": "os.system"}, ""),
        ({"vocab": None}, ""),
    ],
)
def test_a_tokenizer_that_fails_only_at_work_is_refused(folder, change, message):
    fields = json.loads((folder / "tokenizer.json").read_text())
    fields["model"].update(change)
    (folder / "tokenizer.json").write_text(json.dumps(fields))
    refused(folder, rf"tokenizer\.json: damaged \(.*{message}")


def test_a_tokenizer_that_the_library_panics_at_is_refused(golden, tmp_path):
    folder = shutil.copytree(golden("gpt2")[0], tmp_path / "gpt2")
    fields = json.loads((folder / "tokenizer.json").read_text())
    fields["model"]["continuing_subword_prefix"] = "((((((("
    (folder / "tokenizer.json").write_text(json.dumps(fields))
    refused(folder, r"tokenizer\.json: damaged \(.*out of range")


def test_weights_in_parts_are_put_together(folder):
    whole = nw.transfer.backbone(folder).fingerprint
    arrays = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    places = {name: f"model-{1 + place % 2}.safetensors" for place, name in enumerate(arrays)}
    for part in set(places.values()):
        save_file({name: arrays[name] for name in arrays if places[name] == part}, folder / part)
    change(folder, "model.safetensors.index.json", weight_map=places)
    assert nw.transfer.backbone(folder).fingerprint == whole
    for bad in ({WORDS: "../model-1.safetensors"}, {WORDS: "/etc/passwd"}, {}, "model-1.safetensors"):
        change(folder, "model.safetensors.index.json", weight_map=bad)
        refused(folder, "expected weight_map with names of files beside it")


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(
        BackboneError, match="no such folder; expected one, an id of the model hub, or one of minilm"
    ):
        nw.transfer.backbone("./no/such/folder")


def test_an_asset_that_is_not_fetched_says_how(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(BackboneError, match=r"fetch it with: python scripts/assets\.py minilm"):
        nw.transfer.backbone("minilm")


def test_without_huggingface_hub_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(BackboneError, match=r'pip install "netwright\[pretrained\]"'):
        nw.transfer.backbone("someone/something")


@pytest.fixture
def hub_cache(golden, tmp_path, monkeypatch):
    """The hub's own cache with one model in it, and no way out to the network."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    model, commit = tmp_path / "models--someone--small-bert", "0" * 40
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(commit)
    shutil.copytree(golden("bert")[0], model / "snapshots" / commit)
    return model


def test_an_id_is_found_by_huggingface_hub(golden, hub_cache):
    found = nw.transfer.backbone("someone/small-bert")
    assert (found.name, found.family) == ("someone/small-bert", "bert")
    assert found.fingerprint == nw.transfer.backbone(golden("bert")[0]).fingerprint
    assert nw.transfer.backbone("someone/small-bert", revision="0" * 40).fingerprint == found.fingerprint


def test_an_id_that_the_hub_does_not_give_is_an_error_in_one_line(hub_cache):
    for name, revision in (("someone/else", None), ("someone/small-bert", "v2")):
        with pytest.raises(
            BackboneError, match=rf"backbone '{name}': the model hub does not give it"
        ) as found:
            nw.transfer.backbone(name, revision=revision)
        assert len(str(found.value).splitlines()) == 1


def processor(folder, **fields):
    path = folder / "preprocessor_config.json"
    path.write_text(json.dumps({"image_mean": [0.5] * 3, "image_std": [0.25] * 3, **fields}))


@pytest.mark.parametrize(
    ("fields", "size", "crop"),
    [
        ({"size": 32}, 32, None),
        ({"size": {"height": 32, "width": 32}}, 32, None),
        ({"size": {"shortest_edge": 40}, "do_center_crop": True, "crop_size": 32}, 32, 0.8),
        ({"size": 40, "do_center_crop": True, "crop_size": {"height": 32, "width": 32}}, 32, 0.8),
        ({"size": 32, "crop_pct": 0.9}, 32, 0.9),
        ({"size": {"shortest_edge": 384}, "crop_pct": 1.0}, 384, None),
        ({"size": {"shortest_edge": 32}}, 32, 1.0),
    ],
)
def test_what_images_go_through_is_read_as_the_hub_writes_it(golden, tmp_path, fields, size, crop):
    folder = shutil.copytree(golden("resnet_basic")[0], tmp_path / "resnet")
    processor(folder, **fields, resample=3)
    found = nw.transfer.backbone(folder).preprocess
    assert (found["size"], found["crop"], found["interpolation"]) == ([size, size], crop, "bicubic")
    np.testing.assert_allclose(found["center"], 127.5)
    np.testing.assert_allclose(found["scale"], 63.75)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"size": 10**9}, "height is 1000000000"),
        ({"size": "large"}, "neither a number"),
        ({"size": {"height": 8, "width": 16}}, "8 × 16"),
        ({"resample": 7}, "resample is '7'"),
        ({"image_mean": [0.5]}, "1 image_mean and 3 image_std"),
        ({"image_std": [0, 0, 0]}, r"image_std is \[0, 0, 0\]"),
        ({"image_std": "narrow"}, "image_std is 'narrow'"),
        ({"rescale_factor": 0}, "rescale_factor is 0"),
        ({"crop_pct": 2.0}, "crop_pct is 2.0"),
    ],
)
def test_preprocessing_that_cannot_be_is_refused(golden, tmp_path, fields, message):
    folder = shutil.copytree(golden("resnet_basic")[0], tmp_path / "resnet")
    processor(folder, **fields)
    refused(folder, message)


def test_images_of_another_size_than_the_places_were_learned_for_are_refused(golden, tmp_path):
    folder = shutil.copytree(golden("vit")[0], tmp_path / "vit")
    processor(folder, size=40)
    refused(folder, "images of 40 pixels a side, expected 32")
