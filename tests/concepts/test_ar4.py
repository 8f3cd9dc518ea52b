"""AR-4: multi-task learning against what is computed otherwise."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import netwright as nw

RATE, FACTORS = 0.1, {"class": 0.5, "number": 2.0}


@pytest.fixture(scope="module")
def data():
    """(X, y): 40 rows; two classes and a number, each missing in a quarter of the rows."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(40, 3))
    kinds = np.where(X[:, 0] - X[:, 1] > 0, 1.0, 0.0)
    numbers = X @ [1.0, 2.0, -1.0] + 0.1 * rng.normal(size=40)
    kinds[::4], numbers[1::4] = np.nan, np.nan
    return X, {"class": kinds, "number": numbers}


def controls(epochs, *, hidden=(), rate=RATE, kernel="auto", weights=FACTORS):
    return nw.Controls(
        architecture=nw.Architecture(
            kind="mlp" if hidden else "logistic", hidden=hidden, batch_norm=False, activation="tanh"
        ),
        initialization=nw.Initialization(kernel=kernel),
        optimization=nw.Optimization(
            rule="sgd",
            learning_rate=rate,
            schedule="constant",
            batch_size="full",
            epochs=epochs,
            targets=nw.Targets(weights=weights),
        ),
        regularization=nw.Regularization(weight_decay=0.0, dropout=0.0, early_stopping=None),
        data=nw.DataControls(normalize="none", normalize_target=False, dev_fraction=0.0, test_fraction=0.0),
    )


def test_without_a_trunk_each_target_learns_as_if_alone_from_the_rows_that_have_it(data):
    """AR-4, missing labels: J_i is the mean over the rows that have target i, and λ_i scales its step."""
    X, y = data
    together = nw.fit(nw.Dataset.from_arrays(X, y), controls(20, kernel="zeros"))
    for name in y:
        known = ~np.isnan(y[name])
        alone = nw.fit(
            nw.Dataset.from_arrays(X[known], y[name][known]),
            controls(20, kernel="zeros", rate=RATE * FACTORS[name], weights={}),
        )
        found, expected = together.of(name).predictor.params, alone.predictor.params
        assert found.keys() == expected.keys()
        for parameter, values in expected.items():
            np.testing.assert_allclose(found[parameter], values, rtol=2e-5, atol=1e-6, err_msg=parameter)


def test_the_trunk_takes_the_gradient_of_the_weighted_sum(data):
    """AR-4: one step of W := W − α ∂J/∂W with J = Σ λ_i J_i, by float64 autodiff of a plain formula."""
    X, y = data
    dataset = nw.Dataset.from_arrays(X, y)
    before = nw.fit(dataset, controls(1, hidden=(4,), rate=1e-30)).predictor.params
    after = nw.fit(dataset, controls(1, hidden=(4,))).predictor.params
    masks = {name: (~np.isnan(values)).astype(np.float64) for name, values in y.items()}
    filled = {name: np.nan_to_num(values) for name, values in y.items()}

    def cost(p):
        a = jnp.tanh(jnp.asarray(X) @ p["hidden.0.linear.kernel"] + p["hidden.0.linear.bias"][None])
        z = [(a @ p[f"output.heads.{i}.kernel"] + p[f"output.heads.{i}.bias"][None])[:, 0] for i in (0, 1)]
        each = {
            "class": jnp.logaddexp(0.0, z[0]) - filled["class"] * z[0],
            "number": jnp.square(filled["number"] - z[1]),
        }
        return sum(FACTORS[n] * jnp.sum(masks[n] * each[n]) / masks[n].sum() for n in each)

    with jax.enable_x64(True):
        exact = {name: jnp.asarray(np.asarray(values), jnp.float64) for name, values in before.items()}
        gradients = jax.grad(cost)(exact)
        for name, gradient in gradients.items():
            expected = np.asarray(exact[name] - RATE * gradient)
            np.testing.assert_allclose(np.asarray(after[name]), expected, rtol=1e-5, atol=1e-6, err_msg=name)


def test_every_kind_of_model_has_a_head_for_each_target():
    """AR-4, any trunk: an image network with two heads; its parts are those of a network for each target."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (24, 8, 8, 1), np.uint8)
    bright = images.mean(axis=(1, 2, 3))
    dataset = nw.Dataset.from_arrays(
        images, {"brightness": bright, "half": (bright > np.median(bright)).astype(int)}
    )
    wanted = nw.Controls(
        architecture=nw.Architecture(kind="cnn", hidden=(4,), head=(6,)),
        optimization=nw.Optimization(epochs=1, batch_size=8),
    )
    run = nw.fit(dataset, wanted)
    assert run.targets == ["brightness", "half"]
    assert run.predictor.params["output.heads.0.kernel"].shape == (6, 1)
    one = run.of("half")
    np.testing.assert_array_equal(one.predict(images), run.predict(images)["half"])
