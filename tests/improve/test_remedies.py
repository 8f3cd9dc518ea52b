"""Every remedy mends the shift that it is made for, and says when it cannot be used."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.diagnose.shift.report import REMEDIES
from netwright.improve.remedies import Study
from netwright.improve.remedies._study import effective_size
from netwright.improve.remedies.coral import _power
from netwright.improve.remedies.domain_adversarial import reversed_gradient
from netwright.measure.words import with_distances

NAMES = catalog.names("improve.remedies")
SEEDS = (0, 1, 2)


def controls(epochs=15, **architecture):
    return nw.Controls(
        architecture=nw.Architecture(**({"hidden": (12,)} | architecture)),
        optimization=nw.Optimization(epochs=epochs, batch_size=64, learning_rate=0.02),
        regularization=nw.Regularization(dropout=0.0, early_stopping=None),
        data=nw.DataControls(test_fraction=0, dev_fraction=0.2),
    )


def blobs(rng, n, share=0.5):
    """Two classes, three standard deviations apart in x0 and one and a half in x1."""
    y = (rng.random(n) < share).astype(int)
    x = rng.normal(size=(n, 3))
    x[:, 0] += 3 * y
    x[:, 1] += 1.5 * y
    return x, y


@dataclass
class Planted:
    """A shift, and the network that it hurts."""

    train: tuple[Any, Any]
    target: tuple[Any, Any]
    controls: nw.Controls


def planted(name: str) -> Planted:
    rng = np.random.default_rng(0)
    x, y = blobs(rng, 400)
    if name == "importance_weighting":
        # A straight line cannot hold both sides of |x| > 0.7; the target lies on one side.
        x, target = rng.normal(size=(500, 1)) - 0.5, rng.normal(size=(300, 1)) * 0.5 + 1
        y, labels = (np.abs(v[:, 0]) > 0.7 for v in (x, target))
        return Planted(
            (x, y.astype(int)), (target, labels.astype(int)), controls(60, kind="logistic", hidden=())
        )
    if name == "label_weighting":
        target, labels = blobs(rng, 300, 0.95)
        return Planted((x * 0.6, y), (target * 0.6, labels), controls())
    target, labels = blobs(rng, 300)
    if name == "domain_adversarial":
        # Only x1 moves: features that use x0 alone tell the classes and not the domains.
        return Planted((x, y), (target + np.array([0, 3, 0]), labels), controls(25))
    return Planted((x, y), (target * 2 + 3, labels), controls(batch_norm=name == "adabn"))


@pytest.fixture(scope="module", params=NAMES)
def tried(request):
    case = planted(request.param)
    return case, nw.shift.remedy(
        request.param, nw.Dataset.from_arrays(*case.train), case.target[0], case.controls, seeds=SEEDS
    )


def test_a_remedy_lowers_the_error_of_its_shift_beyond_noise(tried):
    case, found = tried
    proof = found.verify(*case.target)
    assert proof.change.interval.high < 0
    assert proof.change.p_lower > 0.95
    assert proof.change.interval.estimate == pytest.approx(proof.after - proof.before)
    assert found.name in str(proof)


def test_a_remedied_model_takes_what_a_user_has(tried):
    case, found = tried
    assert len(found.before) == len(found.after) == len(SEEDS)
    predicted = found.predict(case.target[0])
    assert set(np.unique(predicted)) <= {0, 1}
    proof = found.verify(*case.target)
    own = [np.mean(p.labels(p.outputs(case.target[0])) != case.target[1]) for p in found.after]
    assert proof.after == pytest.approx(np.mean(own))
    assert found.note


def test_every_type_of_shift_names_remedies_that_exist():
    assert {name for names in REMEDIES.values() for name in names} == set(NAMES)


def test_a_study_trains_without_a_remedy_once():
    case = planted("adabn")
    study = Study.of(nw.Dataset.from_arrays(*case.train), case.target[0], case.controls, SEEDS)
    first, second = (nw.shift.remedy(name, study) for name in ("adabn", "coral"))
    assert all(a is b for a, b in zip(first.before, second.before, strict=True))


def test_an_unknown_remedy_is_refused_with_the_nearest_name():
    with pytest.raises(ControlError, match=r"'corral' is not known; did you mean 'coral'"):
        nw.shift.remedy("corral", nw.Dataset.from_arrays(*planted("coral").train), np.zeros((2, 3)))


UNFIT = {
    "adabn": ({}, r"no batch normalization; set architecture\.batch_norm=true"),
    "domain_adversarial": ({"kind": "logistic", "hidden": ()}, "an MLP with a hidden layer"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_network_that_does_not_admit_a_remedy_is_refused(name):
    architecture, said = UNFIT[name]
    case = planted("coral")
    with pytest.raises(ControlError, match=said):
        nw.shift.remedy(
            name,
            nw.Dataset.from_arrays(*case.train),
            case.target[0],
            controls(1, **architecture),
            seeds=SEEDS[:1],
        )


@pytest.mark.parametrize("name", ["label_weighting", "domain_adversarial"])
def test_a_regression_has_no_classes(name):
    x = np.random.default_rng(0).normal(size=(60, 2))
    with pytest.raises(ControlError, match=r"(needs|expected) classes"):
        nw.shift.remedy(name, nw.Dataset.from_arrays(x, x[:, 0]), x, controls(1), seeds=(0,))


TEXTS = pl.DataFrame({"text": [f"{a} {b} plain words" for a in ("good", "bad") for b in "abcdefgh"]})


@pytest.fixture(scope="module")
def text_study():
    seen = pl.concat([TEXTS.with_columns(pl.lit(label).alias("label")) for label in ("yes", "no")] * 2)
    dataset = nw.read(seen, target="label", text="text")
    small = controls(1, kind="transformer", hidden=(8,), heads=2)
    return Study.of(dataset, TEXTS, small, seeds=(0,))


@pytest.mark.parametrize("name", ["coral", "domain_adversarial"])
def test_codes_of_words_are_no_numbers(text_study, name):
    with pytest.raises(ControlError, match=r"a (text|transformer) (of|for) .*, expected"):
        nw.shift.remedy(name, text_study)


def test_texts_are_weighted_by_their_words(text_study, monkeypatch):
    seen = []

    def probabilities(x, domain, seed):
        seen.append(x)
        return domain * 0.8 + 0.1

    monkeypatch.setattr(
        catalog.module("improve.remedies", "importance_weighting"), "domain_probabilities", probabilities
    )
    found = nw.shift.remedy("importance_weighting", text_study)
    prepared = text_study.prepared
    codes = np.concatenate([prepared.train.x, prepared.dev.x, text_study.target])
    # Codes have no distances: what is compared are counts of words, equal for texts of the same words.
    np.testing.assert_array_equal(seen[0], with_distances(prepared.encoder.layout, codes))
    assert not np.array_equal(seen[0][:, : codes.shape[1]], codes[:, : seen[0].shape[1]])
    assert f"of {len(prepared.train)}" in found.note


def test_the_gradient_comes_back_reversed_and_scaled():
    x = jnp.array([1.0, -2.0])
    np.testing.assert_array_equal(reversed_gradient(x, jnp.float32(0.5)), x)
    gradient = jax.grad(lambda x: jnp.sum(3 * reversed_gradient(x, jnp.float32(0.5))))(x)
    np.testing.assert_array_equal(gradient, [-1.5, -1.5])


def test_adabn_standardizes_a_layer_by_the_target():
    """NumPy: mean and biased variance of the first layer's outputs on the encoded target rows."""
    case = planted("adabn")
    found = nw.shift.remedy(
        "adabn", nw.Dataset.from_arrays(*case.train), case.target[0], case.controls, seeds=SEEDS
    )
    predictor = found.after[0]
    x = predictor.encoder.transform(case.target[0]).astype(np.float64)
    params = {name: np.asarray(a, np.float64) for name, a in predictor.params.items()}
    z = x @ params["hidden.0.linear.kernel"] + params["hidden.0.linear.bias"]
    np.testing.assert_allclose(predictor.rest["hidden.0.norm.mean"], z.mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(predictor.rest["hidden.0.norm.var"], z.var(axis=0), rtol=1e-4)


def test_coral_gives_the_covariance_of_the_target():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(500, 3)), rng.normal(size=(400, 3)) @ rng.normal(size=(3, 3))
    moved = _power(a, -0.5) @ _power(b, 0.5)
    identity = np.eye(3)
    np.testing.assert_allclose(
        moved.T @ (np.cov(a.T) + identity) @ moved, np.cov(b.T) + identity, rtol=1e-9, atol=1e-12
    )


def test_the_effective_size_of_equal_weights_is_their_number():
    assert effective_size(np.full(7, 0.3)) == pytest.approx(7)
    assert effective_size(np.array([1.0, 0, 0])) == pytest.approx(1)
