"""Regularization inside training, each term against the float64 NumPy network."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from sklearn.linear_model import Lasso

import netwright as nw
from netwright.core.errors import ControlError
from netwright.nn.dropout import keep_mask
from netwright.train.own import Own

ALL = {"l1": 0.02, "l2": 0.3, "weight_decay": 0.2, "label_smoothing": 0.1}
CLIPS = {"clip_norm": 0.6, "clip_value": 0.2}
TERMS = {"weight_decay": "decay", "label_smoothing": "smoothing"}


def terms(controls):
    """The reference's names of netwright's controls."""
    return {TERMS.get(name, name): value for name, value in controls.items()}


def test_rg3_rg4_rg5_in6_all_together(trained, three_classes, plain, in_order):
    """RG-3, RG-4, RG-5, IN-6, TD-3: penalties, both clippings, smoothing, sample and class weights at once.

    The order matters and is: λW into the gradient, clipping by value, by norm, the rule, decay, soft threshold.
    """
    data = {"class_weight": {"0": 2.0, "1": 0.5}}
    found = trained(three_classes, plain((5,), regularization=ALL, data=data, **CLIPS))
    reference = found.reference("cce", **terms(ALL | CLIPS))
    found.repeat(reference, in_order, 7)
    norms = np.array(reference.gradient_norms)
    # Clipping by norm took part in some steps and not in all.
    whole = np.sqrt((norms**2).sum(axis=1))
    assert np.isclose(whole, 0.6).any()
    assert not np.isclose(whole, 0.6).all()


@pytest.fixture(scope="module")
def population(three_classes, plain):
    """Each term alone: members of one program, each with one number changed."""
    alone = [{}, {"l1": 0.05}, {"l2": 0.5}, {"weight_decay": 0.5}, {"label_smoothing": 0.2}]
    alone += [{"clip_norm": 0.3}, {"clip_value": 0.05}]
    each = []
    for one in alone:
        optimization = {name: value for name, value in one.items() if name.startswith("clip")}
        regularization = {name: value for name, value in one.items() if name not in optimization}
        each.append(plain((4,), regularization=regularization, **optimization))
    return alone, nw.train.fit_population(three_classes, each, seeds=[3] * len(alone))


@pytest.mark.parametrize("member", range(7))
def test_rg3_rg4_rg5_in6_each_alone(
    member, population, trained, three_classes, plain, in_order, equal_in_float32
):
    """RG-3, RG-4, RG-5, IN-6: one term at a time, biases untouched by penalties."""
    alone, models = population
    start = trained(three_classes, plain((4,)), seed=3)
    reference = start.reference("cce", **terms(alone[member]))
    reference.train(start.data.x, start.data.y, in_order, 7, start.data.weight)
    for name, expected in reference.params.items():
        equal_in_float32(np.asarray(models[member].predictor.params[name]), expected, name)
    if member:
        plain_kernel = np.asarray(models[0].predictor.params["output.kernel"])
        assert np.abs(plain_kernel - reference.params["output.kernel"]).max() > 1e-3


def test_rg3_l1_makes_exact_zeros_where_the_features_say_nothing(plain):
    """RG-3: the lasso's zeros, exactly 0.0, are those of scikit-learn."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 8)).astype(np.float32)
    y = (X[:, :2] @ np.array([2.0, -1.0]) + 0.1 * generator.normal(size=60)).astype(np.float32)
    dataset = nw.Dataset.from_arrays(X, y)
    controls = plain(batch_size="full", regularization={"l1": 0.4}).with_setting("optimization.epochs=300")
    # Ours: mean (y−ŷ)² + λ‖w‖₁; scikit-learn's: ½ mean (y−ŷ)² + α‖w‖₁, so α = λ/2.
    best = Lasso(alpha=0.2, tol=1e-12).fit(X.astype(float), y.astype(float))
    w = np.asarray(nw.fit(dataset, controls).predictor.params["output.kernel"])[:, 0]
    np.testing.assert_array_equal(w == 0, best.coef_ == 0)
    assert (w == 0).sum() >= 5
    np.testing.assert_allclose(w, best.coef_, rtol=1e-4)


def test_rg5_normalization_scales_and_biases_are_never_penalized(trained, three_classes, plain, in_order):
    """RG-5, RF-1: with batch normalization, penalties touch kernels only (the reference knows no other)."""
    regularization = {"l1": 0.02, "l2": 0.3, "weight_decay": 0.2}
    options = {"batch_size": 11, "architecture": {"batch_norm": True}}
    found = trained(three_classes, plain((5, 3), regularization=regularization, **options))
    found.repeat(found.reference("cce", **terms(regularization)), in_order, 11)


@pytest.mark.parametrize("scaling", ["train", "inference"])
def test_rg6_dropout_in_training(scaling, trained, three_classes, plain, in_order):
    """RG-6: inverted scaling by 1/(1−p), and the original form that scales by 1−p at inference.

    The masks are those of the layer's own key, one more each step (their statistics: tests/nn/test_dropout.py).
    """
    p = 0.4
    found = trained(three_classes, plain((6, 5), regularization={"dropout": p, "dropout_scaling": scaling}))

    def masks(step, layer, shape):
        key = jnp.asarray(found.rest[f"hidden.{layer}.dropout.key"])
        # A batch is padded to 7 rows; the mask is drawn for all of them.
        whole = keep_mask(key, jnp.uint32(step), jnp.float32(p), (7, shape[1]))
        return np.asarray(whole)[: shape[0]].astype(float)

    keys = [tuple(found.rest[f"hidden.{layer}.dropout.key"]) for layer in (0, 1)]
    assert keys[0] != keys[1]
    scale = 1 / (1 - p) if scaling == "train" else 1.0
    reference = found.reference("cce", masks=masks, scale_of_kept=scale)
    found.repeat(reference, in_order, 7)
    W, a = reference.params, found.data.x.astype(float)
    for layer in (0, 1):
        a = np.tanh(a @ W[f"hidden.{layer}.linear.kernel"] + W[f"hidden.{layer}.linear.bias"])
        a = a if scaling == "train" else (1 - p) * a
    expected = a @ W["output.kernel"] + W["output.bias"]
    outputs = found.run.predictor.outputs_of(found.data.x)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)


def test_td3_label_smoothing_needs_a_cross_entropy(two_classes, regression, plain):
    """TD-3: smoothing the targets of a regression or a hinge loss would only shift them; it is refused."""
    smoothed = plain(regularization={"label_smoothing": 0.1})
    with pytest.raises(ControlError, match="label_smoothing: needs"):
        nw.fit(regression, smoothed)
    with pytest.raises(ControlError, match="label_smoothing: needs"):
        nw.fit(two_classes, smoothed.replace(loss="hinge"))


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "cce"])
def test_td2_td3_a_loss_of_another_task_is_refused(loss, two_classes, plain):
    """TD-2, TD-3: the loss must suit the task."""
    with pytest.raises(ControlError, match=f"loss: '{loss}' is for .*the task is binary"):
        nw.fit(two_classes, plain(loss=loss))


@pytest.mark.parametrize(("field", "value"), [("dropout", 1.0), ("dropout", -0.1), ("l1", -1), ("l2", -1)])
def test_rg3_rg4_rg6_refuse_numbers_out_of_range(field, value):
    """RG-3, RG-4, RG-6: λ ≥ 0 and 0 ≤ p < 1."""
    with pytest.raises(ControlError, match=f"regularization.{field}: found"):
        nw.Regularization(**{field: value})


@pytest.fixture(scope="module")
def normalized(trained, two_classes, plain):
    return trained(two_classes, plain((5,), batch_size=11, architecture={"batch_norm": True}))


def test_rf1_batch_normalization_in_training_and_at_inference(normalized, in_order):
    """RF-1: batch mean and biased variance of real rows only (the last batch has 8 of 11), γ, β by the chain
    rule through the statistics, running averages at inference.
    """
    reference = normalized.reference("bce")
    normalized.repeat(reference, in_order, 11)
    rest = normalized.run.predictor.rest
    mean, var = reference.averages[0]
    np.testing.assert_allclose(rest["hidden.0.norm.mean"], mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(rest["hidden.0.norm.var"], var, rtol=1e-4)
    W, x = reference.params, normalized.data.x.astype(float)
    z = x @ W["hidden.0.linear.kernel"] + W["hidden.0.linear.bias"]
    u = W["hidden.0.norm.scale"] * (z - mean) / np.sqrt(var + 1e-5) + W["hidden.0.norm.bias"]
    expected = np.tanh(u) @ W["output.kernel"] + W["output.bias"]
    outputs = normalized.run.predictor.outputs_of(normalized.data.x)
    np.testing.assert_allclose(outputs, expected[:, 0], rtol=1e-4, atol=1e-5)


class OwnModule(nnx.Module):
    """A user's network with the parts and names of ours, and Flax's own batch normalization."""

    def __init__(self, start):
        rngs = nnx.Rngs(0)
        block = nnx.Module()
        block.linear = nnx.Linear(4, 5, rngs=rngs)
        block.norm = nnx.BatchNorm(5, momentum=0.9, rngs=rngs)
        self.hidden = nnx.List([block])
        self.output = nnx.Linear(5, 1, rngs=rngs)
        for name, a in start.items():
            node = self.hidden[0] if name.startswith("hidden") else self
            *path, leaf = name.removeprefix("hidden.0.").split(".")
            for part in path:
                node = getattr(node, part)
            getattr(node, leaf)[...] = jnp.asarray(a)

    def __call__(self, x):
        return self.output(jnp.tanh(self.hidden[0].norm(self.hidden[0].linear(x))))


def test_rf1_a_users_own_batch_norm_leaves_padding_out_too(normalized, trained, two_classes, plain, in_order):
    """RF-1: nnx.BatchNorm inside a module of the user's; the module itself is not changed by training."""
    model = OwnModule(normalized.start)
    before = jax.tree.map(np.array, nnx.state(model))
    found = trained(
        two_classes, plain((5,), batch_size=11, architecture={"batch_norm": True}), own=Own(model=model)
    )
    reference = found.reference("bce")
    found.repeat(reference, in_order, 11)
    rest = found.run.predictor.rest
    np.testing.assert_allclose(rest["hidden.0.norm.var"], reference.averages[0][1], rtol=1e-4)
    assert type(model.hidden[0].norm) is nnx.BatchNorm
    jax.tree.map(np.testing.assert_array_equal, nnx.state(model), before)
