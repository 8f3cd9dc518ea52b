"""Parts of the user's own: a module, an Optax transformation, a loss."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import netwright as nw
from netwright.core.errors import ControlError, NetwrightError


class Linear(nnx.Module):
    def __init__(self, n_in=3, n_out=1, shape=None):
        self.linear = nnx.Linear(n_in, n_out, rngs=nnx.Rngs(0))
        self.shape = shape

    def __call__(self, x):
        outputs = self.linear(x)
        if self.shape == "flat":
            return outputs[:, 0]
        if self.shape == "tuple":
            return outputs, outputs
        return outputs


@pytest.fixture(scope="module")
def plain():
    return nw.Controls(
        optimization=nw.Optimization(epochs=2, batch_size=16, schedule="constant", learning_rate=0.1),
        regularization=nw.Regularization(early_stopping=None, dropout=0.0),
    )


@pytest.fixture(scope="module")
def three(blobs):
    return nw.Dataset.from_arrays(blobs.features.content, np.arange(103) % 3)


def test_an_optax_transformation_is_taken_as_it_is(blobs, plain):
    """OP-6: optax.sgd gives the numbers of the rule of the same name, bit for bit."""
    ours = nw.fit(blobs, plain.with_setting("optimization.rule=sgd"), model=Linear())
    theirs = nw.fit(
        blobs, plain.with_setting("optimization.learning_rate=auto"), model=Linear(), rule=optax.sgd(0.1)
    )
    np.testing.assert_array_equal(
        ours.predictor.params["linear.kernel"], theirs.predictor.params["linear.kernel"]
    )


def test_outputs_may_be_a_column_or_flat(blobs, plain):
    column, flat = (nw.fit(blobs, plain, model=Linear(shape=shape)) for shape in (None, "flat"))
    X = blobs.features.content
    np.testing.assert_array_equal(column.predict_proba(X), flat.predict_proba(X))


def test_a_loss_of_the_users_own_is_minimized(blobs, plain):
    """The squared loss on 0 and 1 leads to the least-squares line, as NumPy has it."""
    controls = plain.with_setting("optimization.batch_size=full").with_setting("optimization.epochs=300")
    controls = controls.with_setting("optimization.rule=sgd").with_setting("optimization.learning_rate=0.3")
    run = nw.fit(blobs, controls, model=Linear(), loss=lambda z, t: jnp.square(z - t.astype(z.dtype)))
    train = blobs.prepare(run.controls.data, embeddings=False).train
    X = np.column_stack([train.x.astype(float), np.ones(len(train))])
    best = np.linalg.lstsq(X, train.y.astype(float), rcond=None)[0]
    found = np.append(run.predictor.params["linear.kernel"], run.predictor.params["linear.bias"])
    np.testing.assert_allclose(found, best, rtol=1e-4, atol=1e-5)


BAD = {
    "two outputs for two classes": (
        {"model": Linear(n_out=2)},
        r"model: gave \(16, 2\) for .* expected \(16, 1\)",
    ),
    "a tuple": ({"model": Linear(shape="tuple")}, "model: gave tuple for a batch of 16 rows"),
    "other columns": ({"model": Linear(n_in=4)}, r"model: cannot take a batch of shape \(16, 3\)"),
    "no module": ({"model": lambda x: x}, "model=: found function, expected an instance of Module"),
    "a class": ({"model": Linear}, "model=: found .*, expected an instance of Module"),
    "a rule's name": ({"rule": "adam"}, "rule=: found str, expected an instance of GradientTransformation"),
    "a loss's name": ({"loss": "mse"}, "loss=: found 'mse', expected a function"),
    "a mean loss": ({"loss": lambda z, t: jnp.mean(z)}, r"loss: gave \(\) for .* one number a row \(16,\)"),
    "a column": ({"loss": lambda z, t: z[:, None]}, r"loss: gave \(16, 1\) for"),
}


@pytest.mark.parametrize(("parts", "said"), BAD.values(), ids=BAD)
def test_parts_that_do_not_fit_are_refused_in_one_line(parts, said, blobs, plain):
    with pytest.raises(NetwrightError, match=said) as caught:
        nw.fit(blobs, plain, **parts)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("n_out", [1, 2, 5])
def test_outputs_must_be_as_many_as_the_classes(n_out, three, plain):
    with pytest.raises(ControlError, match=rf"model: gave \(16, {n_out}\) .* expected \(16, 3\)"):
        nw.fit(three, plain, model=Linear(n_out=n_out))


def test_a_part_is_named_or_brought_and_not_both(blobs, plain):
    with pytest.raises(ControlError, match="found 'adam' and rule="):
        nw.fit(blobs, plain.with_setting("optimization.rule=adam"), rule=optax.sgd(0.1))
    with pytest.raises(ControlError, match="found 'hinge' in the controls and loss="):
        nw.fit(blobs, plain.with_setting("loss=hinge"), loss=lambda z, t: z)


def test_volumes_need_a_module_of_the_users_own(plain):
    X, y = np.random.default_rng(0).normal(size=(40, 2, 2, 2, 2)).astype(np.float32), np.arange(40) % 2
    with pytest.raises(ControlError, match=r"shape \(2, 2, 2, 2\); choose another kind, or pass a module"):
        nw.fit(nw.Dataset.from_arrays(X, y), plain)


def test_after_training_the_module_is_as_it_was(blobs, plain):
    model = Linear()
    before = np.array(model.linear.kernel[...])
    first = nw.fit(blobs, plain, model=model)
    np.testing.assert_array_equal(model.linear.kernel[...], before)
    again = nw.fit(blobs, plain, model=model)
    np.testing.assert_array_equal(
        again.predictor.params["linear.kernel"], first.predictor.params["linear.kernel"]
    )
