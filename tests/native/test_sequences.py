"""The native LSTM and GRU against the pure kernels in float64, which are tested against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from netwright.nn.kernels import native, recurrent

KINDS = ("lstm", "gru")
NATIVE = {"lstm": native.lstm, "gru": native.gru}
PURE = {"lstm": recurrent.lstm, "gru": recurrent.gru}  # in float64: the native kernels serve float32 alone


def arguments(kind, m, T, C, H, members=()):
    generator = np.random.default_rng(0)
    gates = {"lstm": 4, "gru": 3}[kind] * H
    scales = {(m, T, C): 1.0, (C, gates): C**-0.5, (H, gates): H**-0.5, (4 * H,): 1.0}
    return [(generator.normal(size=(*members, *s)) * k).astype(np.float32) for s, k in scales.items()]


def lengths(m, T):
    """Real steps (m, T): a sequence of each length, all of them and none included."""
    return np.arange(T)[None] < (np.arange(m) * 3 % (T + 1))[:, None]


def outcome(layer, arrays, real, precision):
    h, back = jax.vjp(lambda *arrays: layer(*arrays, real, precision=precision), *arrays)
    slope = np.random.default_rng(1).normal(size=h.shape)
    return [np.asarray(a) for a in (h, *back(jnp.asarray(slope, h.dtype)))]


def exact(kind, arrays, real):
    with jax.enable_x64(True):
        return outcome(PURE[kind], [jnp.asarray(a, jnp.float64) for a in arrays], real, "float32")


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-6), ("mixed", 1e-2)])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    ("m", "T", "C", "H"),
    [
        (9, 7, 12, 16),
        (3, 1, 4, 5),
        (1, 12, 1, 20),
        (8, 5, 17, 33),
        (5, 3, 7, 530),
    ],  # the last: split by units
)
@pytest.mark.parametrize("kind", KINDS)
def test_states_and_slopes(kind, m, T, C, H, masked, precision, tolerance):
    arrays = arguments(kind, m, T, C, H)
    real = lengths(m, T) if masked else None
    found = outcome(NATIVE[kind], arrays, real, precision)
    for a, b in zip(found, exact(kind, arrays, real), strict=True):
        assert a.shape == b.shape
        assert a.dtype == np.float32
        assert np.max(np.abs(a - b)) <= tolerance * max(np.max(np.abs(b)), 1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_gates_that_are_almost_shut_or_open_keep_their_slopes_in_bfloat16(kind):
    """Kept as they are, those next to 1 would be 1, whose slope is 0: bfloat16 knows nothing from 0.996 to 1."""
    arrays = arguments(kind, 4, 3, 2, 8)
    for bias in (-9.0, 9.0):
        arrays[3][:] = bias
        found, wanted = outcome(NATIVE[kind], arrays, None, "mixed"), exact(kind, arrays, None)
        for a, b in zip(found, wanted, strict=True):
            assert np.max(np.abs(a - b)) <= 2e-2 * np.max(np.abs(b))


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    arrays = arguments(kind, 5, 6, 3, 8)
    real = lengths(5, 6)
    noisy = [np.where(real[:, :, None], arrays[0], 1e6).astype(np.float32), *arrays[1:]]
    for a, b in zip(
        outcome(NATIVE[kind], arrays, real, "float32"),
        outcome(NATIVE[kind], noisy, real, "float32"),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_a_population(kind):
    arrays = arguments(kind, 6, 5, 3, 8, members=(3,))
    real = lengths(6, 5)

    def slopes(*arrays):
        return jax.grad(
            lambda *a: jnp.sum(jnp.sin(NATIVE[kind](*a, real, "float32"))), tuple(range(len(arrays)))
        )(*arrays)

    together = jax.jit(jax.vmap(slopes))(*arrays)
    for member in range(3):
        for a, b in zip(together, slopes(*(array[member] for array in arrays)), strict=True):
            np.testing.assert_allclose(a[member], b, rtol=0, atol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_population_on_the_same_sequences(kind):
    x, *weights = arguments(kind, 6, 5, 3, 8, members=(3,))
    layer = jax.vmap(lambda x, *w: NATIVE[kind](x, *w, None, "mixed"), (None, 0, 0, 0))
    together = layer(x[0], *weights)
    for member in range(3):
        alone = NATIVE[kind](x[0], *(a[member] for a in weights), None, "mixed")
        np.testing.assert_allclose(together[member], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_that_are_none_are_not_hidden(kind):
    arrays = arguments(kind, 2, 4, 3, 8)
    arrays[0][0, 1, 0] = np.nan
    h = NATIVE[kind](*arrays, None, "float32")
    assert np.isnan(h[0, 3]).any()
    assert np.isfinite(h[1]).all()
