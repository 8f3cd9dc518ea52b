"""Every family of backbones, small: what training needs of it."""

import json
from dataclasses import asdict
from fnmatch import fnmatchcase

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import netwright as nw
from netwright.core import catalog
from netwright.core.errors import BackboneError, ControlError
from netwright.core.layout import Layout
from netwright.models import ModelSpec, backbones
from netwright.models import build as build_model
from netwright.models._network import Network
from netwright.nn.mixed import multiply_mixed
from netwright.nn.skeleton import split
from netwright.watch.capture import capture

FAMILY = "models.backbones"
SIZES = {"width": 8, "blocks": 2, "heads": 2, "inner": 12}
TOKENS = {"vocabulary": 11, "places": 7}
CONFIGS = {
    "bert": SIZES | TOKENS | {"segments": 2, "activation": "gelu", "epsilon": 1e-12, "pooling": "mean"},
    "gpt2": SIZES | TOKENS | {"activation": "gelu_by_tanh", "epsilon": 1e-5},
    "vit": SIZES | {"image": 8, "patch": 4, "channels": 3, "activation": "gelu", "epsilon": 1e-12},
    "resnet": {
        "channels": 3,
        "stem": 4,
        "widths": (8, 12),
        "depths": (1, 2),
        "bottleneck": True,
        "halve_first": False,
    },
    "mobilenet_v2": {"width": 0.1},
    "efficientnet_lite": {"width": 0.1, "depth": 0.5},
}
ROWS = 6
GENERATOR = np.random.default_rng(0)
TEXT = GENERATOR.integers(1, 11, (ROWS, 5)) * (np.arange(5) < np.array([5, 1, 3, 2, 4, 5])[:, None])
INPUTS = {
    "text": jnp.asarray(TEXT, jnp.float32),
    "image": jnp.asarray(GENERATOR.normal(size=(ROWS, 8, 8, 3)), jnp.float32),
}
LAYOUTS = {"text": Layout("text", (5,), vocabulary=11), "image": Layout("image", (8, 8, 3))}


@pytest.fixture(params=catalog.names(FAMILY))
def family(request, monkeypatch):
    """Of the families whose stages are fixed, three: they have all kinds of blocks, and compile sooner."""
    file = catalog.module(FAMILY, request.param)
    if hasattr(file, "STAGES"):
        monkeypatch.setattr(file, "STAGES", (file.STAGES[0], file.STAGES[2], file.STAGES[-1]))
    return request.param


@pytest.fixture
def kind(family):
    return catalog.module(FAMILY, family).KIND


@pytest.fixture
def x(kind):
    return INPUTS[kind]


def build(family, seed=0):
    return backbones.build(family, CONFIGS[family], nnx.Rngs(seed))


def test_maps_rows_to_features(family, x):
    module = build(family)
    module.eval()
    out = jax.jit(module)(x)
    assert (out.shape, out.dtype) == ((ROWS, module.n_out), jnp.float32)
    assert np.isfinite(out).all()


def test_mixed_products_round_factors_to_bfloat16_and_no_more(family, x):
    """A factor moves by 2⁻⁹ of itself at most; a product of a dozen layers by no more than some of these."""
    module = build(family)
    module.eval()
    exact = np.asarray(module(x))
    multiply_mixed(module)
    moved = np.abs(np.asarray(module(x)) - exact).max() / np.abs(exact).max()
    assert 1e-5 < moved < 0.05


def test_a_model_on_a_backbone_has_its_precision(family, kind, x):
    spec = ModelSpec(
        "logistic",
        LAYOUTS[kind],
        1,
        backbone=json.dumps({"family": family, "config": CONFIGS[family]}),
        precision="mixed",
    )
    body, expected = build_model(spec, nnx.Rngs(0)).body, build(family)
    multiply_mixed(expected)
    body.eval()
    expected.eval()
    np.testing.assert_array_equal(body(x), expected(x))


def test_equal_settings_have_equal_structure_and_other_seeds_other_weights(family):
    (first, a, _), (second, b, _) = (split(build(family, seed)) for seed in (0, 1))
    assert first == second
    assert hash(first) == hash(second)
    kernels = [key for key in a if key.endswith(("kernel", "embedding"))]
    assert kernels
    assert not any(np.array_equal(a[key], b[key]) for key in kernels)


def test_each_parameter_is_in_one_group_and_each_group_has_some(family):
    module = build(family)
    patterns = backbones.groups(module)
    names = split(module)[1]
    found = [[pattern for pattern in patterns if fnmatchcase(name, pattern)] for name in names]
    assert all(len(one) == 1 for one in found)
    assert {one for (one,) in found} == set(patterns)
    assert patterns[0] == "stem.*"


def test_evaluation_is_a_function_of_each_row_alone(family, x):
    module = build(family)
    module.eval()
    evaluate = jax.jit(module)
    np.testing.assert_allclose(evaluate(x[2:4]), evaluate(x)[2:4], rtol=1e-5, atol=1e-6)


def test_what_stands_after_a_text_s_end_is_not_read(family, kind, x):
    if kind != "text":
        pytest.skip("images have no end")
    module = build(family)
    np.testing.assert_allclose(module(jnp.pad(x, ((0, 0), (0, 2)))), module(x), rtol=1e-5, atol=1e-6)


def test_under_a_new_head_it_learns_a_batch_by_heart_and_every_parameter_moves(family, kind, x):
    """AR-3. The last parameters of a branch and of the head are drawn anew, so that nothing is blocked at the start."""
    spec = ModelSpec(family, LAYOUTS[kind], 2)
    skeleton, start, rest = split(Network(build(family), spec, nnx.Rngs(1)))
    labels = jnp.arange(ROWS) % 2
    rule = nw.optim.adam(3e-3)

    def loss(params, rest):
        model = skeleton.merge(params, rest)
        losses = optax.softmax_cross_entropy_with_integer_labels(model(x), labels)
        return jnp.mean(losses), skeleton.rest_of(model)

    @jax.jit
    def train(params, rest):
        def step(carry, _):
            params, rest, state = carry
            (value, rest), slope = jax.value_and_grad(loss, has_aux=True)(params, rest)
            updates, state = rule.update(slope, state, params)
            return (optax.apply_updates(params, updates), rest, state), value

        (params, *_), values = jax.lax.scan(step, (params, rest, rule.init(params)), length=80)
        return params, values

    params, values = train(start, rest)
    assert values[-1] < 0.1 < values[0]
    # BERT's second segment is never read.
    still = [name for name in start if np.array_equal(start[name], params[name])]
    assert still == []


def test_probes_see_every_block_and_its_activations(family, x):
    module = build(family)
    module.eval()
    calls = []

    def look(x):
        with capture(module) as seen:
            module(x)
        calls.extend((call.path, call.activation is not None) for call in seen.calls)

    jax.eval_shape(look, x)
    for place in range(len(module.blocks)):
        within = [active for path, active in calls if f"{path}.".startswith(f"blocks.{place}.")]
        assert set(within) == {False, True}


def test_settings_of_another_family_are_refused(family):
    with pytest.raises(BackboneError, match=rf"backbone '{family}': its settings do not fit"):
        backbones.build(family, {**CONFIGS[family], "colour": 1}, nnx.Rngs(0))


def test_an_unknown_family_is_refused():
    with pytest.raises(ControlError, match="did you mean 'bert'"):
        backbones.build("berd", {}, nnx.Rngs(0))


@pytest.mark.parametrize(
    ("width", "depth", "millions"),
    [(1, 1, 4.65), (1, 1.1, 5.42), (1.1, 1.2, 6.09), (1.2, 1.4, 8.2), (1.4, 1.8, 13.0)],
)
def test_efficientnet_lite_0_to_4_have_as_many_parameters_as_published(width, depth, millions):
    """The published counts have the last layer to 1,000 classes in them."""
    config = {"width": width, "depth": depth}
    module = nnx.eval_shape(lambda: backbones.build("efficientnet_lite", config, nnx.Rngs(0)))
    found = sum(array.size for array in split(module)[1].values()) + 1281 * 1000
    assert found / 1e6 == pytest.approx(millions, abs=0.06)


def test_mobilenet_v2_has_as_many_parameters_as_published():
    """3.4 million for the plain one, 6.9 for the one 1.4 times as wide: Sandler et al. (2018), table 4."""
    for width, top, millions in ((1.0, 1280, 3.5), (1.4, 1792, 6.1)):
        module = nnx.eval_shape(
            lambda width=width: backbones.build("mobilenet_v2", {"width": width}, nnx.Rngs(0))
        )
        found = sum(array.size for array in split(module)[1].values()) + (top + 1) * 1000
        assert found / 1e6 == pytest.approx(millions, abs=0.06)


def test_settings_are_read_back_as_they_were(family):
    file = catalog.module(FAMILY, family)
    config = file.Config(**CONFIGS[family])
    assert file.Config(**asdict(config)) == config
