"""Every model of the catalog, on every kind of layout that it takes."""

import json
from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from netwright.core import catalog
from netwright.core.layout import Layout
from netwright.models import ModelSpec, build
from netwright.nn.skeleton import split
from netwright.train.compile_cache import run_once
from netwright.train.setup import abstract_weights, skeleton_of

SPECS = {
    "plain": {},
    "everything": {
        "batch_norm": True,
        "dropout": True,
        "kernel": "normal",
        "scale": 0.2,
        "bias": 0.5,
        "precision": "mixed",
        "head": (5,),
        "heads": 2,
        "bidirectional": True,
    },
}
ROWS = 6
GENERATOR = np.random.default_rng(0)


def normal(*shape):
    return GENERATOR.normal(size=(ROWS, *shape)).astype(np.float32)


def codes(steps, vocabulary):
    """Token codes of full length."""
    return GENERATOR.integers(1, vocabulary, (ROWS, steps)).astype(np.float32)


def masked(x, lengths):
    """Pad after the lengths; the last channel of a sequence says so."""
    real = np.arange(x.shape[1]) < np.array(lengths)[:, None]
    if x.ndim == 2:
        return x * real
    return np.concatenate([x[..., :-1] * real[..., None], real[..., None]], axis=2).astype(np.float32)


# For each kind of layout, and "plain" or "everything": the layout, and rows of it.
EXAMPLES = {
    "table": {
        "plain": (Layout("table", (5,)), normal(5)),
        "everything": (
            Layout("table", (5,), embeddings=((4, 13),)),
            np.hstack([normal(4), np.arange(ROWS, dtype=np.float32)[:, None]]),
        ),
    },
    "image": {
        "plain": (Layout("image", (5, 6)), normal(5, 6)),
        "everything": (Layout("image", (6, 5, 2)), normal(6, 5, 2)),
    },
    "sequence": {
        "plain": (Layout("sequence", (4, 3)), normal(4, 3)),
        "everything": (Layout("sequence", (4, 3), masked=True), masked(normal(4, 3), (4, 2, 1, 3, 4, 2))),
    },
    "text": {
        variant: (Layout("text", (5,), vocabulary=9), masked(codes(5, 9), (5, 1, 3, 2, 4, 5)))
        for variant in SPECS
    },
}


def together(variant):
    """An input of every kind at once."""
    layouts, inputs = zip(*(one[variant] for one in EXAMPLES.values()), strict=True)
    raveled = np.concatenate([x.reshape(ROWS, -1) for x in inputs], axis=1)
    return Layout("several", raveled.shape[1:], parts=layouts), raveled


EXAMPLES["several"] = {variant: together(variant) for variant in SPECS}
CASES = [
    (name, kind, variant)
    for name in catalog.names("models")
    for kind in catalog.module("models", name).TAKES
    for variant in SPECS
]


def pytest_generate_tests(metafunc):
    metafunc.parametrize(("name", "kind", "variant"), CASES, ids=["-".join(case) for case in CASES])


@pytest.fixture
def spec(name, kind, variant):
    hidden = (4, 4) if "transformer" in name else (4, 2)  # its blocks have one width
    return ModelSpec(name, EXAMPLES[kind][variant][0], 3, hidden=hidden, **SPECS[variant])


@pytest.fixture
def x(kind, variant):
    return jnp.asarray(EXAMPLES[kind][variant][1])


@cache
def drawn(spec, seed):
    """Return a model's (skeleton, params, rest), drawn by one program: step by step each operation would be one."""
    return skeleton_of(spec), *_draw(spec)(jax.random.key(seed))


@cache
def _draw(spec):
    return jax.jit(lambda key: split(build(spec, nnx.Rngs(key)))[1:], compiler_options=run_once())


@cache
def outputs_of(skeleton, *, training=False):
    """Return the compiled outputs by (params, rest, x)."""

    def outputs(params, rest, x):
        model = skeleton.merge(params, rest)
        if not training:
            model.eval()
        return model(x)

    return jax.jit(outputs)


class TestContract:
    def test_maps_rows_to_outputs(self, spec, x):
        skeleton, *weights = drawn(spec, 0)
        out = outputs_of(skeleton, training=True)(*weights, x)
        assert (out.shape, out.dtype) == ((ROWS, 3), jnp.float32)
        assert np.isfinite(out).all()

    def test_equal_specs_have_equal_structure_and_other_seeds_other_weights(self, spec):
        (first, a, _), (second, b, _) = (
            split(nnx.eval_shape(lambda seed=seed: build(spec, nnx.Rngs(seed)))) for seed in (0, 1)
        )
        assert first == second
        assert hash(first) == hash(second)
        assert a.keys() == b.keys()
        a, b = (drawn(spec, seed)[1] for seed in (0, 1))
        kernels = [key for key in a if key.endswith("kernel")]
        assert kernels
        assert not any(np.array_equal(a[key], b[key]) for key in kernels)

    def test_parameters_are_float32_and_named(self, spec):
        params = drawn(spec, 0)[1]
        assert {a.dtype for a in params.values()} == {jnp.dtype(jnp.float32)}
        assert "output.kernel" in params

    def test_the_spec_survives_json(self, spec):
        assert ModelSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec

    def test_evaluation_is_a_function_of_each_row_alone(self, spec, x):
        skeleton, *weights = drawn(spec, 0)
        outputs = outputs_of(skeleton)
        whole = np.asarray(outputs(*weights, x))
        # A product of another shape may sum in another order: the last bits of float32.
        np.testing.assert_allclose(outputs(*weights, x[2:4]), whole[2:4], rtol=1e-5, atol=1e-6)

    def test_gradients_reach_every_parameter(self, spec, x):
        """In general position: what starts at 0, as the last scale of a residual branch, blocks what is below."""
        _, params, rest = drawn(spec, 0)
        plain = replace(spec, dropout=False)
        skeleton, rest = skeleton_of(plain), {name: rest[name] for name in abstract_weights(plain)[1]}
        generator = np.random.default_rng(2)
        params = {
            k: a + 0.1 * jnp.asarray(generator.normal(size=a.shape), a.dtype) for k, a in params.items()
        }
        weights = jnp.asarray(generator.normal(size=(ROWS, 3)), jnp.float32)
        gradients = jax.jit(jax.grad(lambda p: jnp.sum(weights * skeleton.merge(p, rest)(x))))(params)
        dead = [key for key, g in gradients.items() if not np.any(np.asarray(g))]
        # A bias before batch normalization is subtracted again with the mean.
        assert all(spec.batch_norm and key.endswith("linear.bias") for key in dead)

    def test_a_population_computes_what_its_members_do(self, spec, x):
        skeleton = drawn(spec, 0)[0]
        outputs = outputs_of(skeleton)
        members = [drawn(spec, seed)[1:] for seed in (0, 1)]
        stacked = [jax.tree.map(lambda *a: jnp.stack(a), *(m[i] for m in members)) for i in (0, 1)]
        together = jax.jit(jax.vmap(outputs, in_axes=(0, 0, None)))(*stacked, x)
        apart = np.stack([outputs(*weights, x) for weights in members])
        # In mixed precision a last bit of float32 may tip a rounding to bfloat16.
        close = 2e-2 if spec.precision == "mixed" else 1e-5
        np.testing.assert_allclose(together, apart, rtol=close, atol=close)
