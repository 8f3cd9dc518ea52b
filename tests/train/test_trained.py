"""Parameters that stay as they are, that wait, or that learn slower."""

import os
import signal

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.train.interrupt import Interrupted
from netwright.train.job import Job
from netwright.train.order import Visits
from netwright.train.own import Own
from netwright.train.plan import rule_of
from netwright.train.step import backward

FROZEN = "hidden.0"


@pytest.fixture(scope="module")
def everything(controls):
    """Whatever moves weights is on: Adam with decoupled decay, L1, L2, clipping, dropout, batch normalization."""
    return controls.replace(
        optimization=controls.optimization.replace(rule="adamw", clip_norm=1.0, learning_rate=0.05),
        regularization=controls.regularization.replace(l1=1e-3, weight_decay=0.1),
    )


@pytest.fixture(scope="module")
def frozen(everything):
    return nw.transfer.freeze(everything, FROZEN)


def started(blobs, controls):
    """A training before its first step: its plan, its numbers, and its state."""
    training = Job(blobs, controls, 1, Own(), None).training
    return training.program.plan, training.hyper, jax.tree.map(jnp.copy, training.now.carry.state)


def names_in(tree):
    """The parameters that a state of an optimizer has arrays of."""
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(tree)]
    return {name for name in PARAMETERS if any(f"'{name}'" in path for path in paths)}


PARAMETERS = [
    *(
        f"hidden.{i}.{part}"
        for i in (0, 1)
        for part in ("linear.kernel", "linear.bias", "norm.scale", "norm.bias")
    ),
    "output.kernel",
    "output.bias",
]
LEARNING = [name for name in PARAMETERS if not name.startswith(FROZEN)]


def test_frozen_parameters_get_no_gradient_and_no_optimizer_state(blobs, frozen):
    plan, hyper, state = started(blobs, frozen)
    assert set(state.params) == set(PARAMETERS)
    assert names_in(state.optimizer) == set(LEARNING)
    x, y = jnp.zeros((16, 3)), jnp.zeros(16, jnp.int32)
    member = (state.params, state.rest, state.optimizer)
    back = backward(plan, hyper, rule_of(plan, hyper), member, x, y, jnp.ones(16))
    assert set(back.gradients) == set(LEARNING)


def test_frozen_parameters_and_their_averages_stay_whatever_moves_the_others(blobs, frozen, weights_of):
    """No step of the rule, no decay, no L1 or L2; and no running average."""
    _, _, before = started(blobs, frozen)
    run = nw.fit(blobs, frozen, seed=1)
    after = weights_of(run)
    for name, array in {**before.params, **before.rest}.items():
        if name.startswith(FROZEN) and "dropout" not in name:
            np.testing.assert_array_equal(after[name], array, err_msg=name)
        elif name in LEARNING:
            assert not np.array_equal(after[name], array), name
    assert set(run.trace["layer"]) == {"hidden.1.linear", "hidden.1.norm", "output"}
    assert not np.array_equal(after["hidden.1.norm.mean"], before.rest["hidden.1.norm.mean"])


def test_what_is_not_frozen_learns_as_if_the_frozen_part_were_data(blobs):
    """A frozen hidden layer, then a linear one: the same as a linear model on the layer's outputs."""
    optimization = nw.Optimization(
        rule="momentum", learning_rate=0.1, schedule=nw.Schedule(kind="constant"), batch_size=16, epochs=3
    )
    regularization = nw.Regularization(dropout=0.0, weight_decay=0.0, early_stopping=None)
    controls = nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=(5,), activation="tanh"),
        optimization=optimization,
        regularization=regularization,
    )
    controls = nw.transfer.freeze(controls, "hidden")
    _, _, state = started(blobs, controls)
    run = nw.fit(blobs, controls, seed=1)
    train = run.prepared.train
    kernel, bias = (np.asarray(state.params[f"hidden.0.linear.{name}"]) for name in ("kernel", "bias"))
    a = np.tanh(train.x @ kernel + bias)
    visits = Visits(len(train), 1, 16, shuffle=True)
    w, b = (np.asarray(state.params[f"output.{name}"], np.float64) for name in ("kernel", "bias"))
    vw, vb = np.zeros_like(w), np.zeros_like(b)
    for epoch in range(3):
        for step in range(-(-len(train) // 16)):
            rows = np.asarray(visits.order(epoch))[16 * step : 16 * (step + 1)]
            rows = rows[rows >= 0]
            error = (1 / (1 + np.exp(-(a[rows] @ w + b)))[:, 0] - train.y[rows]) / len(rows)
            vw = 0.9 * vw + 0.1 * (a[rows].T @ error)[:, None]
            vb = 0.9 * vb + 0.1 * error.sum()
            w, b = w - 0.1 * vw, b - 0.1 * vb
    np.testing.assert_allclose(run.predictor.params["output.kernel"], w, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(run.predictor.params["output.bias"], b, rtol=1e-4, atol=1e-6)


def test_averages_may_adapt_while_the_weights_stay_and_the_other_way_round(blobs, everything, weights_of):
    adapted = nw.transfer.freeze(everything, "hidden.0.*.kernel", "hidden.0.*.bias", "hidden.0.*.scale")
    settled = nw.transfer.freeze(everything, "*.mean", "*.var")
    _, _, before = started(blobs, adapted)
    after = weights_of(nw.fit(blobs, adapted, seed=1))
    np.testing.assert_array_equal(after["hidden.0.linear.kernel"], before.params["hidden.0.linear.kernel"])
    assert not np.array_equal(after["hidden.0.norm.mean"], before.rest["hidden.0.norm.mean"])
    after = weights_of(nw.fit(blobs, settled, seed=1))
    np.testing.assert_array_equal(after["hidden.0.norm.mean"], before.rest["hidden.0.norm.mean"])
    assert not np.array_equal(after["hidden.0.linear.kernel"], before.params["hidden.0.linear.kernel"])


def test_a_part_waits_until_its_epoch(blobs, everything, weights_of):
    controls = nw.transfer.unfreeze(everything, "hidden.1", "hidden.0", at=2, every=2)
    assert controls.optimization.unfreeze == {"hidden.1": 2, "hidden.0": 4}
    _, _, before = started(blobs, controls)
    moved = {}
    for epochs in (2, 3, 5):
        short = controls.with_setting(f"optimization.epochs={epochs}").with_setting(
            "regularization.early_stopping=null"
        )
        after = weights_of(nw.fit(blobs, short, seed=1))
        changed = [name for name in PARAMETERS if not np.array_equal(after[name], before.params[name])]
        moved[epochs] = {name[: len(FROZEN)] for name in changed}
    assert moved == {
        2: {"output.k", "output.b"},
        3: {"output.k", "output.b", "hidden.1"},
        5: {"output.k", "output.b", "hidden.1", "hidden.0"},
    }


def test_a_training_with_groups_resumes_bit_for_bit(blobs, everything, tmp_path, identical, small_chunks):
    controls = nw.transfer.freeze(everything, "hidden.0.linear")
    controls = nw.transfer.unfreeze(controls, "hidden.1", at=2)
    controls = controls.replace(optimization=controls.optimization.replace(rates={"hidden": 0.1}))
    whole = nw.fit(blobs, controls, seed=1)
    small_chunks(1)

    class Stop:
        def on_chunk(self, event):
            if (event.epoch, event.step) == (2, 3):
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted):
        nw.fit(blobs, controls, seed=1, out=tmp_path / "run", callbacks=[Stop()])
    resumed = nw.resume(tmp_path / "run", dataset=blobs)
    identical(resumed, whole)
    identical(nw.load(tmp_path / "run"), whole)


def test_members_of_a_population_may_have_rates_of_their_own(blobs, everything, weights_of, compilations):
    def at(rate):
        # Adam would make a full step of the rounding error of a bias before batch norm.
        own = {"rule": "momentum", "options": {"beta": 0.8}, "rates": {"hidden": rate}}
        return everything.replace(optimization=everything.optimization.replace(**own))

    population = nw.train.fit_population(blobs, [at(0.5), at(0.01)], seeds=[1, 1])
    single = weights_of(nw.fit(blobs, at(0.01), seed=1))
    found = weights_of(population[1])
    for name in PARAMETERS:
        np.testing.assert_allclose(found[name], single[name], rtol=1e-4, atol=2e-5, err_msg=name)
    assert compilations.during(lambda: nw.fit(blobs, at(0.3), seed=1)) == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"freeze": ("hiden.0",)}, r"optimization.freeze: no parameter fits 'hiden.0'; did you mean"),
        ({"freeze": ("*",)}, "optimization.freeze: nothing is left to learn"),
        (
            {"rates": {"body": 0.1}},
            "optimization.rates: no parameter fits 'body'; The model has hidden.0.linear",
        ),
        ({"unfreeze": {"*.mean": 1}}, r"optimization.unfreeze: no parameter fits '\*.mean'"),
    ],
)
def test_patterns_that_fit_nothing_are_refused(blobs, controls, fields, said):
    wrong = controls.replace(optimization=controls.optimization.replace(**fields))
    with pytest.raises(ControlError, match=said):
        nw.fit(blobs, wrong)


def test_a_rule_of_ones_own_has_groups_of_its_own(blobs, controls):
    asked = controls.replace(optimization=nw.Optimization(rates={"hidden": 0.1}))
    with pytest.raises(ControlError, match=r"has its own groups \(optax.partition\)"):
        nw.fit(blobs, asked, rule=optax.sgd(0.1))
