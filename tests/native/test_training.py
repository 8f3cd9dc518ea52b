"""Whole trainings with the native kernels: they repeat bit for bit, and go with what the pure kernels do."""

import jax
import numpy as np
import pytest

import netwright as nw
from netwright.nn.kernels import native

GENERATOR = np.random.default_rng(0)
Y = np.arange(96) % 2
DATA = {
    "cnn": nw.Dataset.from_arrays(
        GENERATOR.normal(Y[:, None, None, None], 1, (96, 8, 8, 2)), Y, name="images"
    ),
    "lstm": nw.Dataset.from_arrays(GENERATOR.normal(Y[:, None, None], 1, (96, 6, 3)), Y, name="sequences"),
    "gru": nw.Dataset.from_arrays(GENERATOR.normal(Y[:, None, None], 1, (96, 6, 3)), Y, name="sequences"),
}


def controls(kind):
    return nw.Controls(
        architecture={"kind": kind, "hidden": [8], "batch_norm": False},
        optimization={
            "rule": "momentum",
            "learning_rate": 0.05,
            "epochs": 3,
            "batch_size": 16,
            "precision": "float32",  # "auto" asks which kernels serve
        },
        regularization={"dropout": 0},
    )


def weights(run):
    return [np.asarray(a) for a in run.predictor.params.values()]


@pytest.mark.parametrize("kind", DATA)
def test_repeats_bit_for_bit_and_agrees_with_the_pure_kernels(kind, monkeypatch):
    first, again = (weights(nw.fit(DATA[kind], controls(kind))) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    monkeypatch.setattr(native, "status", lambda: native.Status(False, "switched off"))
    jax.clear_caches()
    pure = weights(nw.fit(DATA[kind], controls(kind)))
    jax.clear_caches()
    for a, b in zip(first, pure, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert any(not np.array_equal(a, b) for a, b in zip(first, pure, strict=True))


@pytest.mark.parametrize("kind", DATA)
def test_a_member_of_a_population_is_the_single_run(kind):
    members = nw.train.fit_population(DATA[kind], [controls(kind)] * 3, seeds=[0, 1, 2])
    for a, b in zip(weights(members[1]), weights(nw.fit(DATA[kind], controls(kind), seed=1)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
