"""AR-3: a backbone trained further: smaller rates below, parts of it frozen, or unfrozen one after another."""

import shutil

import jax
import numpy as np
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import ControlError, RunError
from netwright.core.layout import Layout
from netwright.nn.skeleton import split
from netwright.train.auto import Facts, pretrained, resolve
from netwright.train.auto.pretrained import FEW
from netwright.train.interrupt import Interrupted
from netwright.train.job import Job
from netwright.train.own import Own
from netwright.transfer import reading

WORDS = ("the", "words", "box", "and", "do", "as")


def texts(rows, seed=0, longest=12):
    generator = np.random.default_rng(seed)
    found = [" ".join(generator.choice(WORDS, generator.integers(1, longest))) for _ in range(rows)]
    return found, ["yes" if "box" in text.split() else "no" for text in found]


@pytest.fixture(scope="module")
def data():
    return nw.Dataset.from_arrays(*texts(90), name="boxes")


@pytest.fixture(scope="module")
def bert(golden, tmp_path_factory):
    return shutil.copytree(golden("bert")[0], tmp_path_factory.mktemp("backbones") / "bert")


@pytest.fixture(scope="module")
def controls(bert):
    return nw.Controls(
        architecture=nw.Architecture(backbone=str(bert), transfer="finetune"),
        optimization=nw.Optimization(epochs=4, batch_size=16, learning_rate=0.02),
    )


@pytest.fixture(scope="module")
def saved(data, controls, tmp_path_factory):
    return nw.fit(data, controls, out=tmp_path_factory.mktemp("runs") / "run", progress=False)


def body(arrays):
    return {
        name.removeprefix("body."): np.asarray(a) for name, a in arrays.items() if name.startswith("body.")
    }


def weights(network):
    """A backbone's parameters and averages by name."""
    _, params, rest = split(nnx.clone(network.module))
    return {name: np.asarray(array) for name, array in (params | rest).items()}


def test_it_begins_with_the_backbones_weights_and_moves_what_is_below_less(data, controls, saved, bert):
    """AR-3: the trunk at a smaller rate than the head, each group at a smaller one than the group above."""
    start = Job(data, controls, 0, Own(), None).training.now.carry.state
    network = nw.transfer.backbone(bert)
    expected = weights(network)
    for name, array in body(start.params).items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)
    rates = saved.controls.optimization.rates
    assert list(rates.values()) == pytest.approx([0.05, 0.04, 0.032])
    assert list(rates) == ["body.blocks.1.*", "body.blocks.0.*", "body.stem.*"]
    after = body(saved.predictor.params)
    assert all(
        not np.array_equal(after[f"blocks.{i}.norm.scale"], expected[f"blocks.{i}.norm.scale"])
        for i in (0, 1)
    )
    assert saved.history["train_loss"][-1] < saved.history["train_loss"][0]


def test_a_run_needs_its_backbone_no_more(saved, data, monkeypatch):
    found, _ = texts(30, seed=2)
    expected = saved.predict_proba(found)
    monkeypatch.setattr(reading, "_loaded", lambda name: pytest.fail("looked for it"))
    loaded = nw.load(saved.path, dataset=data)
    np.testing.assert_array_equal(loaded.predict_proba(found), expected)
    assert loaded.evaluate("dev") == pytest.approx(saved.evaluate("dev"), rel=1e-5)


def test_a_frozen_body_stays_and_thaws_from_the_top(data, controls, bert):
    """AR-3: gradual unfreezing; what never thaws has no optimizer state."""
    expected = weights(nw.transfer.backbone(bert))
    thawing = nw.transfer.freeze(controls, "body")
    thawing = nw.transfer.unfreeze(thawing, "body.blocks.1", "body.blocks.0", at=1, every=2)
    assert thawing.optimization.freeze == ("body", "!body.blocks.1", "!body.blocks.0")
    thawing = thawing.replace(optimization=thawing.optimization.replace(rates={"body": 0.1}))
    optimizer = Job(data, thawing, 0, Own(), None).training.now.carry.state.optimizer
    paths = [path for path, _ in jax.tree_util.tree_leaves_with_path(optimizer)]
    kept = {jax.tree_util.keystr(path) for path in paths}
    assert not any("body.stem" in path for path in kept)
    assert any("body.blocks.0" in path for path in kept)
    short = thawing.with_setting("optimization.epochs=3").with_setting("regularization.early_stopping=null")
    after = body(nw.fit(data, short, progress=False).predictor.params)
    changed = {
        name.rpartition(".")[0][:8] for name in after if not np.array_equal(after[name], expected[name])
    }
    assert changed == {"blocks.1"}


def test_the_averages_of_a_backbone_stay_or_adapt(golden):
    generator = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = (generator.integers(0, 60, (40, 20, 20, 3)) + 120 * y[:, None, None, None]).astype(np.uint8)
    folder = golden("resnet_basic")[0]
    data, expected = nw.Dataset.from_arrays(X, y), weights(nw.transfer.backbone(folder))
    for statistics in ("frozen", "adapted"):
        architecture = nw.Architecture(backbone=str(folder), transfer="finetune", statistics=statistics)
        wanted = nw.Controls(
            architecture=architecture, optimization=nw.Optimization(epochs=1, learning_rate=0.01)
        )
        run = nw.fit(data, wanted, progress=False)
        assert (
            max(run.controls.optimization.rates.values()) == 0.5
        )  # convolutions go faster than a Transformer
        after = body(run.predictor.rest)
        assert after
        same = [np.array_equal(after[name], expected[name]) for name in after]
        assert all(same) if statistics == "frozen" else not any(same)


@pytest.mark.parametrize(("rows", "stops"), [(FEW - 1, False), (FEW, True)])
@pytest.mark.parametrize("transfer", ["features", "finetune"])
def test_few_dev_rows_do_not_choose_the_epoch(controls, transfer, rows, stops):
    """AR-3: by ten dev rows the best epoch is a matter of chance; asked for, it is chosen all the same."""
    facts = Facts(500, Layout("text", (12,), vocabulary=60), "binary", dev_rows=rows)
    wanted = nw.Controls(architecture=controls.architecture.replace(transfer=transfer))
    assert (resolve(wanted, facts).regularization.early_stopping is not None) is stops
    said = wanted.with_setting("regularization.early_stopping.patience=2")
    assert resolve(said, facts).regularization.early_stopping == nw.EarlyStopping(patience=2)


@pytest.mark.parametrize(
    ("kind", "kernels", "hardware", "expected"),
    [
        ("text", False, True, "mixed"),
        ("text", False, False, "float32"),
        ("image", True, True, "mixed"),
        ("image", False, True, "float32"),
        ("image", True, False, "float32"),
    ],
)
def test_bfloat16_products_where_they_are_faster(controls, kind, kernels, hardware, expected, monkeypatch):
    monkeypatch.setattr(pretrained.native, "available", lambda: kernels)
    monkeypatch.setattr(pretrained, "multiplies_bfloat16", lambda: hardware)
    layout = Layout("text", (12,), vocabulary=60) if kind == "text" else Layout("image", (8, 8, 3))
    facts = Facts(500, layout, "binary", dev_rows=100)
    assert resolve(controls, facts).optimization.precision == expected


def test_it_resumes_with_the_same_backbone_only(data, controls, bert, tmp_path, saved):
    class Stop:
        def on_epoch(self, event):
            if event.epoch == 1:
                raise Interrupted

    with pytest.raises(Interrupted):
        nw.fit(data, controls, out=tmp_path / "run", progress=False, callbacks=[Stop()])
    settings = bert / "config.json"
    text = settings.read_text()
    reading._loaded.cache_clear()
    settings.write_text(text.replace('"layer_norm_eps": 1e-12', '"layer_norm_eps": 1e-06'))
    try:
        with pytest.raises(RunError, match=r"the backbone .* has changed since the run began"):
            nw.resume(tmp_path / "run", dataset=data)
    finally:
        settings.write_text(text)
        reading._loaded.cache_clear()
    run = nw.resume(tmp_path / "run", dataset=data, progress=False)
    found, _ = texts(20, seed=3)
    np.testing.assert_array_equal(run.predict_proba(found), saved.predict_proba(found))


def test_a_module_of_ones_own_has_no_backbone(data, controls):
    with pytest.raises(ControlError, match=r"architecture.backbone: found .* and model=; give one of them"):
        nw.fit(data, controls, model=nnx.Linear(3, 1, rngs=nnx.Rngs(0)), progress=False)
