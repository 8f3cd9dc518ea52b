"""Rules and schedules inside the trainer, reached through the controls."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.plan import hyper_of, learning_rate_of, make_plan
from netwright.train.setup import skeleton_of, spec_of

STEPS = 5
"""An epoch of the plain controls: 30 rows in batches of 7."""


@pytest.mark.parametrize("lookahead", ["scaled", "unscaled"])
def test_op3_the_gradient_is_taken_at_the_look_ahead_point(
    lookahead, trained, three_classes, plain, in_order
):
    """OP-3, OP-7, RG-4: Nesterov under warm-up and step decay; L2's gradient λW is taken at that point too.

    The look-ahead W − αβv uses the rate α of the very step, so a schedule moves the point.
    """
    schedule = nw.Schedule(kind="step_decay", warmup=0.6, factor=0.5, every=0.8)
    options = {"beta": 0.8} | ({"lookahead": "unscaled"} if lookahead == "unscaled" else {})
    controls = plain(
        (4,),
        rule="nesterov",
        options=options,
        learning_rate=0.4,
        schedule=schedule,
        regularization={"l2": 0.3},
    )
    found = trained(three_classes, controls)

    def rate(step):
        # In steps: a warm-up of 0.6 · 5 = 3, a halving every 0.8 · 5 = 4 from its end on.
        return 0.4 * step / 3 if step < 3 else 0.4 * 0.5 ** ((step - 3) // 4)

    reference = found.reference("cce", rate=rate, beta=0.8, lookahead=lookahead, l2=0.3)
    found.repeat(reference, in_order, 7)
    expected = [rate(STEPS * epoch - 1) for epoch in (1, 2, 3)]
    np.testing.assert_allclose(found.run.history["learning_rate"], expected, rtol=1e-6)
    elsewhere = found.reference("cce", rate=rate, beta=0.8, l2=0.3)
    elsewhere.train(found.data.x, found.data.y, in_order, 7, found.data.weight)
    difference = np.abs(elsewhere.params["output.kernel"] - reference.params["output.kernel"]).max()
    assert difference > 1e-3  # plain momentum is told apart


TOTAL = 3 * STEPS
SCHEDULES = {
    "constant": ({}, lambda t, steps: 0.2),
    "step_decay": ({"factor": 0.5, "every": 2}, lambda t, steps: 0.2 * 0.5 ** (t // 10)),
    "exponential_decay": ({"k": 0.4}, lambda t, steps: 0.2 * math.exp(-0.4 * t / STEPS)),
    "cosine": ({}, lambda t, steps: 0.1 * (1 + math.cos(math.pi * t / steps))),
    "warm_restarts": ({"period": 1}, lambda t, steps: 0.1 * (1 + math.cos(math.pi * (t % 5) / 5))),
    "cyclical": ({"low": 0.1, "period": 2}, lambda t, steps: 0.1 + 0.1 * (1 - abs(t % 10 / 5 - 1))),
}


@pytest.mark.parametrize("kind", SCHEDULES)
@pytest.mark.parametrize("warmup", [0.0, 1.2])
def test_op7_lengths_in_epochs_become_steps(kind, warmup, two_classes, plain):
    """OP-7, TD-7: α(t) of the program equals the schedule's definition with lengths × steps per epoch."""
    parameters, expected = SCHEDULES[kind]
    controls = plain(learning_rate=0.2, schedule=nw.Schedule(kind=kind, warmup=warmup, **parameters))
    plan, hyper = planned(two_classes, controls)
    schedule = learning_rate_of(plan, hyper)
    length = warmup * STEPS
    for t in range(TOTAL):
        left = TOTAL - length  # the schedule runs over what the warm-up leaves
        rate = expected(0, left) * t / length if t < length else expected(t - length, left)
        # exp and cos in float32 are good to some units in the last place.
        np.testing.assert_allclose(schedule(jnp.int32(t)), rate, rtol=1e-5, atol=1e-7, err_msg=str(t))


def test_op7_one_cycle_peaks_at_three_tenths(two_classes, plain):
    """OP-7: one cycle over all steps of the training."""
    plan, hyper = planned(two_classes, plain(learning_rate=0.2, schedule=nw.Schedule(kind="one_cycle")))
    rates = np.array([learning_rate_of(plan, hyper)(jnp.int32(t)) for t in range(TOTAL + 1)])
    np.testing.assert_allclose(rates[0], 0.2 / 25, rtol=1e-5)
    assert rates.argmax() in (4, 5)
    np.testing.assert_allclose(rates[-1], 0.2 / 25e4, rtol=1e-2)


def planned(dataset, controls):
    prepared = dataset.prepare(controls.data, embeddings=True)
    controls = resolve(controls, facts_of(prepared))
    skeleton = skeleton_of(spec_of(controls, prepared))
    plan = make_plan(controls, skeleton, task="binary", metric="accuracy", rows=30)
    return plan, hyper_of(controls, rows=30)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({"kind": "step_decay", "factor": 0.5}, "'every' is missing"),
        ({"kind": "step_decay", "factor": 0.5, "evry": 3}, "did you mean 'every'"),
        ({"kind": "constant", "period": 3}, "no parameter 'period'"),
        ({"kind": "cosine", "steps": 3}, "no parameter 'steps'"),
        ({"kind": "step_decay", "factor": 0.5, "every": 0}, "every"),
        ({"kind": "exponential_decay", "k": -1}, "k"),
    ],
)
def test_op7_bad_parameters_are_named(schedule, said, two_classes, plain):
    """OP-7: a missing, unknown or impossible parameter is a ControlError before anything is compiled."""
    with pytest.raises(ControlError, match=said) as caught:
        nw.fit(two_classes, plain(schedule=nw.Schedule(**schedule)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("rule", "options", "said"),
    [
        ("adam", {"beta": 0.5}, "adam has no 'beta'; did you mean 'beta"),
        ("sgd", {"beta": 0.5}, "sgd has no 'beta'"),
        ("momentum", {"beta": 1.0}, "beta"),
        ("adam", {"beta1": -0.1}, "beta1"),
        ("adam", {"eps": 0.0}, "eps"),
        ("nesterov", {"lookahead": "far"}, "lookahead"),
        ("adam", {"beta1": "high"}, "beta1"),
        ("momentum", {"learning_rate": 0.1}, "no 'learning_rate'"),
    ],
)
def test_op2_to_op5_bad_options_are_named(rule, options, said, two_classes, plain):
    """OP-2 … OP-5: an unknown or impossible option is a ControlError before anything is compiled."""
    with pytest.raises(ControlError, match=said) as caught:
        nw.fit(two_classes, plain(rule=rule, options=options))
    assert "\n" not in str(caught.value)


def test_in8_gradients_are_monitored_from_step_0(trained, three_classes, plain, in_order):
    """IN-8, IN-1: the trace has every layer's gradient norm at step 0, and then every 50 steps."""
    controls = plain((5, 3), batch_size=1, data={"class_weight": None}).with_setting("optimization.epochs=2")
    found = trained(three_classes, controls)
    reference = found.reference("cce")
    found.repeat(reference, in_order[:2], 1)
    trace = found.run.trace
    assert trace["step"].unique().sort().to_list() == [0, 50]
    layers = ["hidden.0.linear", "hidden.1.linear", "output"]
    assert trace["layer"].to_list() == layers * 2
    norms = trace["grad_norm"].to_numpy().reshape(2, 3)
    np.testing.assert_allclose(norms, np.array(reference.gradient_norms)[[0, 50]], rtol=2e-5)
    weights = [found.start[f"{layer}.kernel"] for layer in layers]  # biases start at 0
    np.testing.assert_allclose(trace["weight_norm"][:3], [np.linalg.norm(w) for w in weights], rtol=1e-5)
    # Plain SGD moves by αg, and the weight here was 1 only on average.
    np.testing.assert_allclose(
        trace["update_ratio"][:3], 0.1 * norms[0] / trace["weight_norm"][:3].to_numpy(), rtol=1e-3
    )


def test_in8_warm_up_starts_at_nothing(trained, three_classes, plain):
    """IN-8: the first step of a warm-up moves nothing, and its gradient is seen all the same."""
    schedule = nw.Schedule(kind="constant", warmup=1.0)
    found = trained(three_classes, plain((5, 3), schedule=schedule))
    first = found.run.trace.filter(found.run.trace["step"] == 0)
    assert first["update_ratio"].to_list() == [0, 0, 0]
    assert (first["grad_norm"] > 0).all()
