import jax
import jax.numpy as jnp
import numpy as np

from netwright.optim import adam, adamw, minimize, sgd
from netwright.optim.penalties import frobenius, l1, l2, soft_threshold

W = jnp.array([[1.0, -2.0], [0.5, 0.0]])


def test_rg3_l1_penalty_and_exact_zeros():
    """RG-3: λ Σ|w|; the proximal step at αλ makes small weights exactly 0, the subgradient does not."""
    np.testing.assert_allclose(l1(W, 0.1), 0.35, rtol=1e-6)
    target, rate, strength = jnp.array([2.0, 0.05]), 0.1, 0.2
    proximal = subgradient = jnp.array([1.0, 1.0])
    for _ in range(200):
        proximal = soft_threshold(proximal - rate * (proximal - target), rate * strength)
        step = subgradient - target + jax.grad(l1)(subgradient, strength)
        subgradient = subgradient - rate * step
    np.testing.assert_allclose(proximal[0], 2.0 - strength, rtol=1e-5)
    assert proximal[1] == 0
    assert subgradient[1] != 0


def test_rg4_l2_adds_lambda_w_to_the_update():
    """RG-4: J + (λ/2) Σ w² moves W by −α(g + λW)."""
    np.testing.assert_allclose(l2(W, 0.1), 0.05 * 5.25, rtol=1e-6)
    path = minimize(lambda w: (3 * w).sum() + l2(w, 0.1), W, sgd(0.5), 1)
    np.testing.assert_allclose(path[1], np.asarray(W) - 0.5 * (3 + 0.1 * np.asarray(W)), rtol=1e-6)


def test_rg5_frobenius_norm_and_kernels_only():
    """RG-5: ‖W‖_F² = Σ W², over weight matrices and not over biases or scales."""
    params = {
        "dense": {"kernel": W, "bias": jnp.ones(2)},
        "norm": {"scale": jnp.ones(2), "bias": jnp.ones(2)},
    }
    np.testing.assert_allclose(frobenius(params), np.trace(np.asarray(W).T @ np.asarray(W)))


def test_rg5_coupled_and_decoupled_decay_agree_under_sgd_and_differ_under_adam():
    """RG-5: L2 in the gradient is weight decay under SGD; under Adam it is not."""

    def decayed(rule, coupled):
        return minimize(lambda w: (3 * w).sum() + l2(w, coupled), W, rule, 1)[1]

    plain = sgd(0.1)
    shrunk = (1 - 0.1 * 0.5) * W - 0.1 * 3
    np.testing.assert_allclose(decayed(plain, 0.5), shrunk, rtol=1e-5)
    coupled, decoupled = decayed(adam(0.1), 0.5), decayed(adamw(0.1, weight_decay=0.5), 0.0)
    np.testing.assert_allclose(decoupled, (1 - 0.1 * 0.5) * W - 0.1, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(coupled, W - 0.1, rtol=1e-5)
