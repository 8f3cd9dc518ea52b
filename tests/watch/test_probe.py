import jax
import jax.numpy as jnp
import numpy as np

from netwright.watch.probe import STATISTICS, empty_probe, layer_of, layers_of, probe

NAMES = ("hidden.0.linear.bias", "hidden.0.linear.kernel", "hidden.0.norm.scale", "output.kernel", "w")
GENERATOR = np.random.default_rng(0)
PARAMS, GRADIENTS, UPDATED = (
    {name: GENERATOR.normal(size=(3, 2)).astype(np.float32) for name in NAMES} for _ in range(3)
)


def test_layers_are_the_names_without_their_last_part():
    assert layers_of(PARAMS) == ["hidden.0.linear", "hidden.0.norm", "output", "w"]
    assert layer_of("output.kernel") == "output"
    assert layer_of("w") == "w"


def test_statistics_against_numpy():
    assert STATISTICS == ("grad_norm", "weight_norm", "update_ratio")
    found = np.asarray(jax.jit(probe)(PARAMS, GRADIENTS, UPDATED))
    groups = [NAMES[:2], NAMES[2:3], NAMES[3:4], NAMES[4:]]

    def norm(arrays):
        return np.linalg.norm(np.concatenate([a.astype(np.float64).ravel() for a in arrays]))

    for row, group in zip(found, groups, strict=True):
        weight = norm([PARAMS[name] for name in group])
        update = norm([UPDATED[name].astype(np.float64) - PARAMS[name] for name in group])
        expected = [norm([GRADIENTS[name] for name in group]), weight, update / weight]
        # Sums of at most 12 squares in float32.
        np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_the_empty_probe_has_the_shape_of_a_probe():
    empty = empty_probe(PARAMS)
    found = jax.eval_shape(probe, PARAMS, GRADIENTS, UPDATED)
    assert (empty.shape, empty.dtype) == (found.shape, found.dtype)
    assert not np.asarray(empty).any()


def test_weights_of_zero_give_a_finite_or_infinite_ratio_but_no_error():
    zeros = {"layer.kernel": jnp.zeros((2, 2))}
    found = np.asarray(probe(zeros, zeros, {"layer.kernel": jnp.ones((2, 2))}))[0]
    assert found[:2].tolist() == [0, 0]
    assert found[2] == np.inf
