"""The native LSTM and GRU against the pure kernels in float64, which are tested against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.nn.kernels import native
from netwright.nn.kernels._gru import gru_core
from netwright.nn.kernels._lstm import lstm_core

KINDS = ("lstm", "gru")
NATIVE = {"lstm": native.lstm_core, "gru": native.gru_core}
PURE = {"lstm": lstm_core, "gru": gru_core}


def arguments(kind, T, m, H, members=()):
    generator = np.random.default_rng(0)
    gates = {"lstm": 4, "gru": 3}[kind] * H
    shapes = [(*members, T, m, gates), (*members, H, gates)] + ([(*members, H)] if kind == "gru" else [])
    scales = (1.0, H**-0.5, 1.0)
    return [(generator.normal(size=s) * k).astype(np.float32) for s, k in zip(shapes, scales, strict=False)]


def lengths(T, m):
    """Real steps (T, m, 1): a sequence of each length, all of them and none included."""
    return (np.arange(T)[:, None] < (np.arange(m) * 3 % (T + 1))[None])[:, :, None]


def outcome(core, arrays, real, precision):
    h, back = jax.vjp(lambda *arrays: core(*arrays, real, precision), *arrays)
    slope = np.random.default_rng(1).normal(size=h.shape)
    return [np.asarray(a) for a in (h, *back(jnp.asarray(slope, h.dtype)))]


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-6), ("mixed", 1e-2)])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("T", "m", "H"), [(7, 9, 16), (1, 3, 5), (12, 1, 20), (5, 8, 33)])
@pytest.mark.parametrize("kind", KINDS)
def test_states_and_slopes(kind, T, m, H, masked, precision, tolerance):
    arrays = arguments(kind, T, m, H)
    real = lengths(T, m) if masked else None
    found = outcome(NATIVE[kind], arrays, real, precision)
    with jax.enable_x64(True):
        wanted = outcome(PURE[kind], [jnp.asarray(a, jnp.float64) for a in arrays], real, "float32")
    for a, b in zip(found, wanted, strict=True):
        assert a.shape == b.shape
        assert np.max(np.abs(a - b)) <= tolerance * max(np.max(np.abs(b)), 1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    arrays = arguments(kind, 6, 5, 8)
    real = lengths(6, 5)
    noisy = [np.where(real, arrays[0], 1e6).astype(np.float32), *arrays[1:]]
    for a, b in zip(
        outcome(NATIVE[kind], arrays, real, "float32"),
        outcome(NATIVE[kind], noisy, real, "float32"),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_a_population(kind):
    arrays = arguments(kind, 5, 6, 8, members=(3,))
    real = lengths(5, 6)

    def slopes(*arrays):
        return jax.grad(
            lambda *a: jnp.sum(jnp.sin(NATIVE[kind](*a, real, "float32"))), tuple(range(len(arrays)))
        )(*arrays)

    together = jax.jit(jax.vmap(slopes))(*arrays)
    for member in range(3):
        for a, b in zip(together, slopes(*(array[member] for array in arrays)), strict=True):
            np.testing.assert_allclose(a[member], b, rtol=0, atol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_that_are_none_are_not_hidden(kind):
    arrays = arguments(kind, 4, 2, 8)
    arrays[0][1, 0, 0] = np.nan
    h = NATIVE[kind](*arrays, None, "float32")
    assert np.isnan(h[3, 0]).any()
    assert np.isfinite(h[:, 1]).all()
