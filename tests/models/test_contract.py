"""Every model of the catalog, whatever it is."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.core import catalog
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.nn.skeleton import split

NAMES = catalog.names("models")
SPECS = {
    "plain": {},
    "everything": {
        "batch_norm": True,
        "dropout": True,
        "kernel": "normal",
        "scale": 0.2,
        "bias": 0.5,
        "precision": "mixed",
    },
}
LAYOUTS = (Layout("table", (5,)), Layout("table", (5,), embeddings=((4, 13),)))
X = np.hstack([np.random.default_rng(0).normal(size=(6, 4)), np.arange(6)[:, None]]).astype(np.float32)


def spec(name, fields):
    return ModelSpec(kind=name, layout=LAYOUTS[bool(fields)], n_out=3, hidden=(4, 2), **fields)


@pytest.mark.parametrize("fields", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("name", NAMES)
class TestContract:
    def test_maps_rows_to_outputs(self, name, fields):
        out = build(spec(name, fields), nnx.Rngs(0))(jnp.asarray(X))
        assert (out.shape, out.dtype) == ((6, 3), jnp.float32)
        assert np.isfinite(out).all()

    def test_equal_specs_have_equal_structure_and_other_seeds_other_weights(self, name, fields):
        (first, a, _), (second, b, _) = (split(build(spec(name, fields), nnx.Rngs(seed))) for seed in (0, 1))
        assert first == second
        assert a.keys() == b.keys()
        kernels = [key for key in a if key.endswith("kernel")]
        assert kernels
        assert not any(np.array_equal(a[key], b[key]) for key in kernels)

    def test_parameters_are_float32_and_named(self, name, fields):
        params = split(build(spec(name, fields), nnx.Rngs(0)))[1]
        assert {a.dtype for a in params.values()} == {jnp.dtype(jnp.float32)}
        assert "output.kernel" in params

    def test_the_spec_survives_json(self, name, fields):
        one = spec(name, fields)
        assert ModelSpec.from_json(json.loads(json.dumps(one.to_json()))) == one

    def test_evaluation_is_a_function_of_each_row_alone(self, name, fields):
        model = build(spec(name, fields), nnx.Rngs(0))
        model.eval()
        whole = np.asarray(model(jnp.asarray(X)))
        # A product of another shape may sum in another order: the last bits of float32.
        np.testing.assert_allclose(model(jnp.asarray(X[2:4])), whole[2:4], rtol=1e-5, atol=1e-6)

    def test_gradients_reach_every_parameter(self, name, fields):
        skeleton, params, rest = split(build(spec(name, {**fields, "dropout": False}), nnx.Rngs(0)))
        weights = jnp.asarray(np.random.default_rng(1).normal(size=(6, 3)), jnp.float32)
        gradients = jax.jit(jax.grad(lambda p: jnp.sum(weights * skeleton.merge(p, rest)(jnp.asarray(X)))))(
            params
        )
        dead = [key for key, g in gradients.items() if not np.any(np.asarray(g))]
        # A bias before batch normalization is subtracted again with the mean.
        assert all("batch_norm" in fields and key.endswith("linear.bias") for key in dead)
