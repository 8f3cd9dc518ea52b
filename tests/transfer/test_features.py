"""AR-2: a frozen backbone's features, computed once, and a head that learns from them."""

import shutil

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError, RunError
from netwright.train.pretrained import prepare
from netwright.transfer import cache
from netwright.transfer.features import FeatureEncoder

WORDS = ("the", "words", "box", "and", "do", "as")


def texts(rows, seed=0, longest=12):
    """Texts of some words, and whether "box" is among them."""
    generator = np.random.default_rng(seed)
    found = [" ".join(generator.choice(WORDS, generator.integers(1, longest))) for _ in range(rows)]
    return found, ["yes" if "box" in text.split() else "no" for text in found]


def controls(folder, **architecture):
    """A short training on a backbone."""
    return nw.Controls(
        architecture=nw.Architecture(backbone=str(folder), **architecture),
        optimization=nw.Optimization(epochs=3, batch_size=16),
    )


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Features of these tests lie in a folder of their own."""
    folder = tmp_path_factory.getbasetemp() / "features_cache"
    monkeypatch.setenv("NETWRIGHT_CACHE", str(folder))
    return folder / "features"


@pytest.fixture(scope="module")
def bert(golden, tmp_path_factory):
    """A tiny BERT of the tests' own, which may be moved and changed."""
    return shutil.copytree(golden("bert")[0], tmp_path_factory.mktemp("backbones") / "bert")


@pytest.fixture(scope="module")
def data():
    return nw.Dataset.from_arrays(*texts(90), name="boxes")


@pytest.fixture(scope="module")
def saved(data, bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return nw.fit(data, controls(bert), out=folder, progress=False)


def test_x_is_the_backbones_features_standardized_by_the_training_rows(saved, data, bert):
    """AR-2: whatever a text's neighbours and however long they are."""
    network = nw.transfer.backbone(bert)
    encoder = saved.predictor.encoder
    assert isinstance(encoder, FeatureEncoder)
    tokens = encoder.inner.transform(data.features.content)
    raw = np.stack([np.asarray(network.module(row[None]))[0] for row in tokens])
    train = raw[saved.prepared.splits.train]
    expected = (raw - train.mean(0)) / train.std(0)
    for name in ("train", "dev", "test"):
        rows = getattr(saved.prepared.splits, name)
        np.testing.assert_allclose(saved.rows(name).x, expected[rows], rtol=1e-3, atol=1e-4)
    assert saved.controls.architecture.kind == "logistic"
    assert set(saved.predictor.params) == {"output.kernel", "output.bias"}


def test_features_are_computed_once(bert, own_cache, monkeypatch):
    """AR-2: another run on the same rows reads them, a run on others or by another backbone does not."""
    nw.fit(nw.Dataset.from_arrays(*texts(90)), controls(bert), progress=False)
    before = set(own_cache.iterdir())
    computed = []
    compute = cache.compute
    monkeypatch.setattr(cache, "compute", lambda *given: computed.append(len(given[2])) or compute(*given))
    again = nw.Dataset.from_arrays(*texts(90), name="the same in another data set")
    nw.fit(again, controls(bert), progress=False, seed=3)
    assert (computed, set(own_cache.iterdir())) == ([], before)
    nw.fit(nw.Dataset.from_arrays(*texts(40, seed=1)), controls(bert), progress=False)
    assert computed == [40]
    for damaged in before:
        damaged.write_bytes(damaged.read_bytes()[:-8])
    nw.fit(nw.Dataset.from_arrays(*texts(90), name="third"), controls(bert), progress=False)
    assert computed == [40, 90]


def test_a_run_needs_its_backbone_no_more(saved, data, bert, monkeypatch):
    """Its folder has the network that reads texts; predictions are the same bit for bit."""
    found, _ = texts(30, seed=2)
    expected, score = saved.predict_proba(found), saved.evaluate("dev")
    monkeypatch.setattr("netwright.transfer.reading._loaded", lambda name: pytest.fail("looked for it"))
    loaded = nw.load(saved.path, dataset=data)
    np.testing.assert_array_equal(loaded.predict_proba(found), expected)
    assert loaded.evaluate("dev") == pytest.approx(score, rel=1e-5)


def test_a_damaged_backbone_of_a_run_is_refused(saved, data, tmp_path):
    folder = shutil.copytree(saved.path, tmp_path / "run")
    weights = folder / "model" / "backbone.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(RunError, match=r"backbone\.safetensors: damaged"):
        nw.load(folder)
    preprocess = folder / "model" / "preprocess.json"
    preprocess.write_text(preprocess.read_text().replace('"center": [', '"center": [0.5, '))
    shutil.copy(saved.path / "model" / "backbone.safetensors", weights)
    with pytest.raises(RunError, match=r"damaged record or preprocess\.json"):
        nw.load(folder)


def test_a_head_may_be_deeper_and_a_population_learns_from_features(data, bert):
    run = nw.fit(data, controls(bert, kind="mlp", hidden=(7,)), progress=False)
    assert run.predictor.params["hidden.0.linear.kernel"].shape == (32, 7)
    population = nw.train.fit_population(data, controls(bert), seeds=[0, 1])
    assert population.outputs("dev").shape == (2, len(population.prepared.dev))


@pytest.mark.parametrize(
    ("architecture", "said"),
    [
        (
            {"kind": "transformer"},
            "architecture.kind: found 'transformer' with a backbone, expected 'logistic' or 'mlp'",
        ),
        ({"transfer": "all"}, "architecture.transfer: found 'all'"),
    ],
)
def test_what_cannot_stand_on_a_backbone_is_refused(data, bert, architecture, said):
    with pytest.raises(ControlError, match=said):
        nw.fit(data, controls(bert, **architecture), progress=False)


def test_data_of_another_kind_is_refused(blobs, data, bert, golden):
    with pytest.raises(ControlError, match="reads one column of kind text, the data has"):
        nw.fit(blobs, controls(bert), progress=False)
    with pytest.raises(ControlError, match=r"reads one column of kind image, the data has text \(text\)"):
        nw.fit(data, controls(golden("resnet_basic")[0]), progress=False)
    with pytest.raises(ControlError, match=r"data.length: found 99, the backbone .* reads 24 tokens"):
        nw.fit(data, controls(bert).with_setting("data.length=99"), progress=False)


def test_one_long_text_does_not_make_every_step_of_fine_tuning_long(bert):
    """Features are computed once, and read each text to its end."""
    rows, labels = texts(299, longest=6)
    one_long = nw.Dataset.from_arrays([*rows, " ".join(WORDS * 3)], [*labels, "yes"])
    everything = nw.DataControls(dev_fraction=0.0, test_fraction=0.0)
    encoders = [
        prepare(one_long, controls(bert, transfer=transfer).replace(data=everything)).encoder
        for transfer in ("finetune", "features")
    ]
    assert [encoders[0].length, encoders[1].inner.length] == [5, 18]


def test_images_are_read_as_the_backbone_was_trained(golden):
    generator = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = (generator.integers(0, 60, (40, 20, 20, 3)) + 120 * y[:, None, None, None]).astype(np.uint8)
    folder = golden("resnet_basic")[0]
    run = nw.fit(nw.Dataset.from_arrays(X, y), controls(folder), progress=False)
    assert run.predictor.encoder.inner.size == (36, 36)
    assert run.prepared.train.x.shape[1:] == (nw.transfer.backbone(folder).width,)
    with pytest.raises(ControlError, match=r"data.image_size: the backbone .* has a size of its own"):
        nw.fit(
            nw.Dataset.from_arrays(X, y), controls(folder).with_setting("data.image_size=20"), progress=False
        )
