"""The recurrent kernels against NumPy in float64, step by step, and their backward rules against autodiff."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from scipy.special import expit

import netwright as nw
from netwright.nn.kernels import recurrent

M, T, C, H = 5, 7, 3, 4
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
KINDS = tuple(GATES)
LENGTHS = np.array([7, 1, 4, 0, 6])
MASK = np.arange(T)[None] < LENGTHS[:, None]


def arguments(kind, seed=0):
    generator = np.random.default_rng(seed)
    n = GATES[kind] * H
    biases = 4 * H if kind == "gru" else n
    shapes = ((M, T, C), (C, n), (H, n), (biases,))
    return [jnp.asarray(generator.normal(size=shape) * 0.7, jnp.float32) for shape in shapes]


def cell(kind, tanh, sigmoid, split):
    """One step (x w, h, c, u, b) → (h, c), as the definition says."""

    def rnn(p, h, c, u, b):
        return tanh(p + h @ u + b), c

    def lstm(p, h, c, u, b):
        i, f, g, o = split(p + h @ u + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def gru(p, h, c, u, b):
        (pz, pr, pn), (uz, ur, un), (bz, br, bn, bh) = split(p, 3), split(u, 3), split(b, 4)
        z, r = sigmoid(pz + h @ uz + bz), sigmoid(pr + h @ ur + br)
        n = tanh(pn + bn + r * (h @ un + bh))
        return (1 - z) * n + z * h, c

    return {"rnn": rnn, "lstm": lstm, "gru": gru}[kind]


def by_numpy(kind, x, w, u, b, mask=None):
    x, w, u, b = (np.asarray(a, np.float64) for a in (x, w, u, b))
    step = cell(kind, np.tanh, expit, lambda a, n: np.split(a, n, axis=-1))
    h = c = np.zeros((len(x), u.shape[0]))
    states = []
    for t in range(x.shape[1]):
        real = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
        new_h, new_c = step(x[:, t] @ w, h, c, u, b)
        h, c = np.where(real, new_h, h), np.where(real, new_c, c)
        states.append(h)
    return np.stack(states, axis=1)


def plainly(kind, x, w, u, b, mask=None):
    """The same as a scan that JAX differentiates itself."""
    step = cell(kind, jnp.tanh, jax.nn.sigmoid, lambda a, n: jnp.split(a, n, axis=-1))
    real = jnp.ones(x.shape[:2], bool) if mask is None else mask

    def body(state, at):
        x, real = at
        new = step(x @ w, *state, u, b)
        state = tuple(jnp.where(real[:, None], n, o) for n, o in zip(new, state, strict=True))
        return state, state[0]

    zeros = jnp.zeros((x.shape[0], u.shape[0]), x.dtype)
    _, h = lax.scan(body, (zeros, zeros), (jnp.swapaxes(x, 0, 1), real.T))
    return jnp.swapaxes(h, 0, 1)


@pytest.fixture(autouse=True)
def ranks():
    """The definitions above broadcast biases; the kernels do not."""
    with jax.numpy_rank_promotion("allow"):
        yield


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("kind", KINDS)
class TestAgainstTheDefinition:
    def test_states(self, kind, mask):
        given = arguments(kind)
        with jax.numpy_rank_promotion("raise"):
            found = getattr(recurrent, kind)(*given, mask)
        np.testing.assert_allclose(found, by_numpy(kind, *given, mask), rtol=1e-5, atol=1e-6)

    def test_slopes(self, kind, mask):
        given = arguments(kind)
        weights = jnp.asarray(np.random.default_rng(9).normal(size=(M, T, H)), jnp.float32)

        def total(function):
            return jax.jit(jax.grad(lambda *a: jnp.sum(weights * function(*a, mask)), argnums=range(4)))

        found = total(getattr(recurrent, kind))(*given)
        expected = total(lambda *a: plainly(kind, *a))(*given)
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)

    def test_mixed_precision_stays_near(self, kind, mask):
        given = arguments(kind)

        def total(precision):
            def cost(*a):
                return jnp.mean(getattr(recurrent, kind)(*a, mask, precision=precision) ** 2)

            return jax.jit(jax.value_and_grad(cost, argnums=range(4)))(*given)

        (whole, slopes), (mixed, near) = total("float32"), total("mixed")
        # bfloat16 keeps 8 bits: 2⁻⁸ a factor, some steps in a row.
        assert float(mixed) == pytest.approx(float(whole), rel=0.02)
        for a, b in zip(slopes, near, strict=True):
            assert a.dtype == b.dtype == jnp.float32
            assert float(jnp.linalg.norm(a - b)) < 0.03 * float(jnp.linalg.norm(a))


@pytest.mark.parametrize("kind", KINDS)
def test_a_masked_step_carries_the_state_and_its_numbers_count_nothing(kind):
    x, *weights = arguments(kind)
    garbage = jnp.where(jnp.asarray(MASK)[..., None], x, 1e6)
    function = getattr(recurrent, kind)
    h, other = function(x, *weights, MASK), function(garbage, *weights, MASK)
    np.testing.assert_array_equal(h, other)
    last = [h[i, n - 1] if n else np.zeros(H) for i, n in enumerate(LENGTHS)]
    np.testing.assert_array_equal(h[:, -1], np.stack(last))
    slope = jax.grad(lambda x: jnp.sum(function(x, *weights, MASK)[:, -1] ** 2))(garbage)
    assert not np.asarray(slope)[~MASK].any()
    assert np.asarray(slope)[MASK].any()


@pytest.mark.parametrize("kind", KINDS)
def test_under_vmap_and_within_a_while_loop(kind):
    """As in a population, whose members train within one compiled loop."""
    x, w, u, b = arguments(kind)
    members = jnp.stack([u, 0.5 * u])
    function = getattr(recurrent, kind)

    def descended(u):
        def step(_, u):
            return u - 0.1 * jax.grad(lambda u: jnp.sum(function(x, w, u, b, MASK)[:, -1] ** 2))(u)

        return lax.fori_loop(0, 2, step, u)

    together = jax.jit(jax.vmap(descended))(members)
    apart = jnp.stack([jax.jit(descended)(u) for u in members])
    np.testing.assert_allclose(together, apart, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_in_double_precision_the_slopes_are_those_of_differences(kind):
    """The kernels keep the type that they are given, so that the gradient check can judge them."""
    x, w, u, b = arguments(kind)
    found = nw.check_gradients(lambda p: getattr(recurrent, kind)(*p, MASK), (x, w, u, b), samples=60)
    assert found.max_relative_error < 1e-6
