import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy import stats

from netwright.nn.dropout import Dropout, keep_mask
from netwright.nn.skeleton import split

# A test that fails by chance once in a million runs; the seeds are fixed, so it fails always or never.
CHANCE = 1e-6
masks = jax.jit(keep_mask, static_argnums=3)


def mask(words, count, rate, shape):
    return np.asarray(masks(jnp.asarray(words, jnp.uint32), jnp.uint32(count), jnp.float32(rate), shape))


def layer(rate, scaling="train", seed=0):
    return Dropout(rate, scaling=scaling, rngs=nnx.Rngs(seed))


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.9])
def test_the_share_dropped_is_the_rate(rate):
    for words in ((0, 0), (1, 2), (0xFFFFFFFF, 7)):
        dropped = int((~mask(words, 3, rate, (500, 200))).sum())
        assert stats.binomtest(dropped, 100_000, rate).pvalue > CHANCE


def test_the_bits_are_uniform():
    """The mask at every rate p drops exactly the units whose hidden uniform number lies below p."""
    rates = np.linspace(0, 1, 65)[1:-1]
    kept = np.stack([mask((3, 4), 0, rate, (20_000,)) for rate in rates])
    assert (kept[:-1] >= kept[1:]).all()
    counts = np.bincount(kept.sum(axis=0), minlength=64)
    assert stats.chisquare(counts).pvalue > CHANCE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (((1, 2), 5), ((1, 2), 6)),
        (((1, 2), 5), ((2, 2), 5)),
        (((1, 2), 5), ((1, 3), 5)),
        (((1, 2), 5), ((2, 1), 5)),
        (((0, 0), 0), ((0, 0), 1)),
        (((0, 0), 0), ((0, 0x9E3779B9), 0)),
    ],
    ids=["next step", "key word 0", "key word 1", "swapped", "zeros", "golden ratio"],
)
def test_masks_of_other_steps_layers_and_seeds_are_independent(first, second):
    a, b = (mask(*of, 0.5, (400, 250)).ravel() for of in (first, second))
    table = np.array([[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]])
    assert stats.chi2_contingency(table).pvalue > CHANCE


def test_units_within_a_mask_are_independent():
    kept = mask((11, 12), 0, 0.5, (2**16,))
    for lag in (1, 2, 3, 64, 128, 1000):
        agree = int((kept[lag:] == kept[:-lag]).sum())
        assert stats.binomtest(agree, len(kept) - lag, 0.5).pvalue > CHANCE


def test_rows_and_columns_are_dropped_alike():
    kept = mask((5, 6), 1, 0.5, (300, 300))
    for axis in (0, 1):
        z = (kept.sum(axis=axis) - 150) / np.sqrt(75)
        assert stats.kstest(z, "norm").pvalue > CHANCE


def test_many_steps_drop_each_unit_at_the_rate():
    many = jax.vmap(lambda count: keep_mask(jnp.array([8, 9], jnp.uint32), count, jnp.float32(0.2), (50,)))
    dropped = (~np.asarray(many(jnp.arange(4000, dtype=jnp.uint32)))).sum(axis=0)
    assert min(stats.binomtest(int(count), 4000, 0.2).pvalue for count in dropped) > CHANCE


@pytest.mark.parametrize("scaling", ["train", "inference"])
def test_both_scalings_agree_in_expectation(scaling):
    """E[training output] = inference output; the mean of n draws has the standard error |x|√(p/(1−p)/n)."""
    dropout, n, p = layer(0.3, scaling), 4000, 0.3
    x = jnp.array([[1.0, -2.0, 5.0]])
    state = nnx.split(dropout)

    def draw(count):
        module = nnx.merge(*state, copy=True)
        module.count[...] = count
        return module(x)

    drawn = np.asarray(jax.vmap(draw)(jnp.arange(n, dtype=jnp.uint32)))
    dropout.eval()
    expected = np.asarray(dropout(x))
    np.testing.assert_allclose(expected, x if scaling == "train" else 0.7 * x, rtol=1e-6)
    error = np.abs(expected) * np.sqrt(p / (1 - p) / n)
    assert (np.abs(drawn.mean(axis=0) - expected) < 5 * error).all()
    values = set(np.unique(np.abs(drawn[:, 0, 0])).round(6))
    assert values == ({0.0, np.float32(1 / 0.7).round(6)} if scaling == "train" else {0.0, 1.0})


def test_every_call_draws_anew_and_the_count_resumes_exactly():
    dropout, x = layer(0.5), jnp.ones((40, 25))
    drawn = [np.asarray(dropout(x)) for _ in range(4)]
    assert int(dropout.count[...]) == 4
    assert not any((a == b).all() for i, a in enumerate(drawn) for b in drawn[:i])
    dropout.count[...] = jnp.uint32(2)
    np.testing.assert_array_equal(dropout(x), drawn[2])
    np.testing.assert_array_equal(dropout(x), drawn[3])


def test_layers_of_one_network_differ_and_seeds_differ():
    rngs = nnx.Rngs(0)
    layers = [Dropout(0.5, rngs=rngs), Dropout(0.5, rngs=rngs), layer(0.5, seed=1)]
    drawn = [np.asarray(one(jnp.ones((40, 25)))) for one in layers]
    assert not any((a == b).all() for i, a in enumerate(drawn) for b in drawn[:i])
    np.testing.assert_array_equal(layer(0.5, seed=1)(jnp.ones((40, 25))), drawn[2])


def test_inference_draws_nothing():
    dropout = layer(0.5)
    dropout.eval()
    x = jnp.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(dropout(x), x)
    assert int(dropout.count[...]) == 0


def test_rate_zero_is_the_identity():
    x = jnp.linspace(-3, 3, 30).reshape(5, 6)
    np.testing.assert_array_equal(layer(0.0)(x), x)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
@pytest.mark.parametrize("shape", [(7, 3), (2, 3, 4, 5), (0, 3)])
def test_shape_and_dtype(shape, dtype):
    out = layer(0.5)(jnp.ones(shape, dtype))
    assert (out.shape, out.dtype) == (shape, dtype)


def test_compiled_equals_plain():
    x = jnp.ones((30, 20))
    plain, compiled = layer(0.4), layer(0.4)
    run = nnx.jit(lambda module, x: module(x))
    for _ in range(3):
        np.testing.assert_array_equal(run(compiled, x), plain(x))


def test_the_gradient_is_the_mask():
    dropout, x = layer(0.5), jnp.full((6, 5), 3.0)
    graphdef, state = nnx.split(dropout)
    gradient = jax.grad(lambda x: nnx.merge(graphdef, state, copy=True)(x).sum())(x)
    np.testing.assert_array_equal(gradient, np.asarray(dropout(x)) / 3)


def test_the_rate_is_state_and_not_structure():
    assert split(layer(0.1))[0] == split(layer(0.7, seed=3))[0]
    assert split(layer(0.1))[0] != split(layer(0.1, "inference"))[0]
