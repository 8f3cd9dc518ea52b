"""The family contract of the checks: each finds its fault, is silent on a healthy run, and says what it lacks."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core import catalog
from netwright.diagnose.budget import Budget, Term
from netwright.diagnose.checks._order import ORDER
from netwright.diagnose.evidence import Evidence, Predictions, RangeTest, Start, Trial
from netwright.diagnose.interval import Interval

FAMILY = "diagnose.checks"
NAMES = catalog.names(FAMILY)
RNG = np.random.default_rng(0)


def controls(**settings):
    made = nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=(32, 32), batch_norm=False),
        optimization=nw.Optimization(
            rule="sgd", learning_rate=0.1, schedule="cosine", batch_size=32, epochs=50
        ),
        regularization=nw.Regularization(
            dropout=0.1, weight_decay=0.0, early_stopping=nw.EarlyStopping(patience=10)
        ),
        loss="cce",
    )
    for name, value in settings.items():
        made = made.with_setting(f"{name.replace('__', '.')}={value}")
    return made


def history(dev=None, train=None, rates=None):
    epochs = 50
    fall = np.exp(-np.arange(epochs) / 5)
    noise = 0.003 * np.random.default_rng(1).normal(size=epochs)
    return pl.DataFrame(
        {
            "epoch": np.arange(epochs),
            "step": 20 * np.arange(1, epochs + 1),
            "train_loss": 0.1 + fall + noise if train is None else train,
            "dev_loss": 0.15 + fall + noise if dev is None else dev,
            "learning_rate": 0.05 * (1 + np.cos(np.pi * np.arange(epochs) / epochs))
            if rates is None
            else rates,
            "seconds": np.full(epochs, 0.1),
        }
    )


def trace(ratio=1e-3, first=1.0, clipped=0):
    steps = np.repeat(np.arange(0, 1000, 50), 3)
    return pl.DataFrame(
        {
            "step": steps,
            "layer": ["hidden.0.linear", "hidden.1.linear", "output"] * 20,
            "grad_norm": np.tile([first, 1.0, 1.0], 20),
            "weight_norm": np.full(60, 5.0),
            "update_ratio": np.full(60, ratio),
            "clipped": np.full(60, clipped),
        }
    )


def start(**changes):
    layers = ("hidden.0.linear", "hidden.1.linear", "output")
    return replace(
        Start(
            loss=Interval(1.1, 1.2, 1.3),
            prior_loss=np.log(3),
            activation_std=dict(zip(layers, (1.2, 1.3, 1.0), strict=True)),
            gradient_norm=dict(zip(layers, (1.0, 1.0, 1.0), strict=True)),
            twin_units=dict.fromkeys(layers[:2], 0.0),
            dead=dict.fromkeys(layers[:2], 0.05),
            saturated=dict.fromkeys(layers[:2], 0.05),
        ),
        **changes,
    )


def predictions(right=0.97, confidence=0.96, classes=3, rows=300):
    truth = np.arange(rows) % classes
    wrong = np.arange(rows) < round((1 - right) * rows)
    chosen = np.where(wrong, (truth + 1) % classes, truth)
    p = np.full((rows, classes), (1 - confidence) / (classes - 1))
    p[np.arange(rows), chosen] = confidence
    return Predictions(truth, p, -np.log(p[np.arange(rows), truth]))


def crossfit():
    """Sure where it is right, unsure where it is wrong: classes overlap, labels are clean."""
    sure, unsure = predictions(), predictions(confidence=0.5)
    right = sure.outputs.argmax(axis=1) == sure.truth
    return replace(sure, outputs=np.where(right[:, None], sure.outputs, unsure.outputs))


def range_test(low=0.01, best=0.1, high=1.0, above=1.0):
    rates = np.array([1e-3, 1e-2, 0.1, 0.3, 1.0, 10.0])
    losses = np.where(rates > best, above, np.where(rates < low, 1.0, 0.1)) * np.ones((3, 1))
    return RangeTest(rates, losses, low, high, best)


def budget(**terms):
    names = ("bayes", "optimization", "approximation", "estimation", "shift", "dev overfit")
    ends = dict.fromkeys(names, (0.0, 0.001, 0.002)) | {"bayes": (0.001, 0.005, 0.01)} | terms
    return Budget(
        "error",
        {"train": Interval(0.02, 0.03, 0.04), "dev": Interval(0.02, 0.03, 0.04)},
        tuple(
            Term(f"DG-{i}", name, Interval(*ends[name]), "bounded" if name == "bayes" else "measured", "")
            for i, name in enumerate(names, 1)
        ),
    )


def trial(control="regularization.dropout", gain=0.001):
    fall = Interval(gain / 2, gain, 2 * gain)
    return Trial(control, {control: 0.0}, fall, fall, fall, 0.5, 0.3)


def shift(p=0.5):
    features = pl.DataFrame({"column": ["x0"], "corrected_p": [p]})
    return SimpleNamespace(joint=(), features=features, harm=None)


def seeds(scatter=0.001):
    rng = np.random.default_rng(2)
    parts = []
    for member in range(3):
        wave = scatter * np.where(np.arange(50) % 2, 1, -1)
        parts.append(history(dev=0.15 + np.exp(-np.arange(50) / 5) + 0.01 * rng.normal() + wave))
        parts[-1] = parts[-1].with_columns(member=pl.lit(member))
    return pl.concat(parts)


HEALTHY = Evidence(
    task="multiclass",
    classes=["a", "b", "c"],
    controls=controls(),
    record={"status": "done", "reason": "all epochs done"},
    history=history(),
    trace=trace(),
    label_counts=np.array([100, 100, 100]),
    start=start(),
    finish=start(),
    overfit_loss=np.array([0.001, 0.002, 0.001]),
    zeroed_gap=Interval(1.0, 1.1, 1.2),
    mixing=0.0,
    mode_gap=Interval(-0.001, 0.0, 0.001),
    sharpness=np.array([[1000.0, 1.0]]),
    seed_history=seeds(),
    range_test=range_test(),
    train=predictions(),
    dev=predictions(),
    budget=budget(),
    shift=shift(),
    feature_scores={"x0": 0.3, "x1": 0.2},
    duplicates={"train": 0, "dev": 0, "test": 0},
    rows={"train": 300, "dev": 100, "test": 100},
    input_rms=np.ones(5),
    order=Interval(-0.1, 0.0, 0.1),
    crossfit=crossfit(),
    trials=(trial(),),
)

NOTHING = Evidence("multiclass", ["a", "b"], controls(), {}, pl.DataFrame(), pl.DataFrame())


def replaced(**changes):
    return replace(HEALTHY, **changes)


drawn = controls(initialization__kernel="normal", initialization__scale="3.0")
rising = 0.15 + np.exp(-np.arange(50) / 5) + 0.02 * np.maximum(0, np.arange(50) - 20)
loose = controls(regularization__early_stopping="null", optimization__schedule="constant")
layers = ("hidden.0.linear", "hidden.1.linear", "output")
noisy_labels = replace(
    HEALTHY.crossfit, truth=np.where(RNG.random(300) < 0.2, (np.arange(300) + 2) % 3, np.arange(300) % 3)
)
flat_rate = np.full(50, 0.1)

PLANTED = {
    "rows_mix": (replaced(mixing=0.3), "model"),
    "leak": (replaced(feature_scores={"x0": 0.999, "x1": 0.2}), "data"),
    "sorted_rows": (
        replaced(controls=controls(data__shuffle="false"), order=Interval(0.8, 0.9, 1.0)),
        "data.shuffle",
    ),
    "input_scale": (
        replaced(controls=controls(data__normalize="none"), input_rms=np.array([1.0, 500.0])),
        "data.normalize",
    ),
    "few_rows": (replaced(rows={"train": 20, "dev": 100, "test": 100}), "data"),
    "twin_units": (
        replaced(controls=drawn, start=start(twin_units={"hidden.0.linear": 0.97})),
        "initialization.kernel",
    ),
    "saturated_units": (
        replaced(controls=drawn, start=start(saturated={"hidden.0.linear": 0.8})),
        "initialization.kernel",
    ),
    "activation_variance": (
        replaced(
            controls=drawn, start=start(activation_std=dict(zip(layers, (1.0, 0.01, 0.001), strict=True)))
        ),
        "initialization.kernel",
    ),
    "vanishing_gradient": (
        replaced(start=start(gradient_norm=dict(zip(layers, (1e-6, 1e-3, 1.0), strict=True)))),
        "architecture.batch_norm",
    ),
    "exploding_gradient": (replaced(trace=trace(first=200.0)), "optimization.clip_norm"),
    "initial_loss": (
        replaced(controls=drawn, start=start(loss=Interval(40.0, 50.0, 60.0))),
        "initialization.kernel",
    ),
    "mode_gap": (
        replaced(
            mode_gap=Interval(0.8, 1.0, 1.2),
            controls=controls(optimization__batch_size=2, architecture__batch_norm="true"),
        ),
        "optimization.batch_size",
    ),
    "clipped_steps": (
        replaced(controls=controls(optimization__clip_norm=0.01), trace=trace(clipped=1)),
        "optimization.clip_norm",
    ),
    "wrong_rate": (
        replaced(range_test=range_test(0.5, 1.0, 2.0), controls=controls(optimization__learning_rate=0.001)),
        "optimization.learning_rate",
    ),
    "non_finite": (
        replaced(record={"status": "failed", "reason": "the loss at step 3 is not finite"}),
        "optimization.learning_rate",
    ),
    "update_size": (replaced(range_test=None, trace=trace(ratio=1e-7)), "optimization.learning_rate"),
    "biased_prediction": (
        replaced(
            controls=controls(data__class_weight="{a: 30}"),
            dev=replace(HEALTHY.dev, outputs=np.tile([0.8, 0.1, 0.1], (300, 1))),
        ),
        "data.class_weight",
    ),
    "class_imbalance": (replaced(label_counts=np.array([300, 280, 6])), "data.class_weight"),
    "data_mismatch": (replaced(shift=shift(1e-9)), "data"),
    "dead_relu": (
        replaced(finish=start(dead={"hidden.1.linear": 0.9})),
        "architecture.activation",
    ),
    "avoidable_bias": (replaced(trials=(trial(gain=0.2),)), "regularization.dropout"),
    "cannot_overfit": (
        replaced(overfit_loss=np.array([0.9, 1.0, 0.8]), controls=controls(architecture__hidden="[2]")),
        "architecture.hidden",
    ),
    "label_noise": (replaced(crossfit=noisy_labels), "labels"),
    "blind_to_input": (replaced(zeroed_gap=Interval(-0.1, 0.0, 0.1)), "data"),
    "still_improving": (
        replaced(history=history(dev=2 - 0.02 * np.arange(50), train=2 - 0.02 * np.arange(50))),
        "optimization.epochs",
    ),
    "edge_of_stability": (replaced(sharpness=np.array([[1000.0, 9.0]])), "optimization.schedule"),
    "unstable_rate": (replaced(range_test=range_test(above=np.inf)), "optimization.schedule"),
    "late_noise": (
        replaced(seed_history=seeds(0.2), history=history(rates=flat_rate), controls=loose),
        "optimization.schedule",
    ),
    "overfitting": (
        replaced(history=history(dev=rising), controls=loose),
        "regularization.early_stopping",
    ),
    "variance": (replaced(budget=budget(estimation=(0.1, 0.12, 0.14))), "regularization.dropout"),
    "overconfidence": (
        replaced(dev=predictions(right=0.7, confidence=0.99)),
        "regularization.label_smoothing",
    ),
    "bayes_limit": (replaced(budget=budget(bayes=(0.025, 0.03, 0.05))), "none"),
    "sweep_edge": (replaced(range_test=range_test(low=1.0, best=10.0, high=10.0)), "sweep"),
    "flat_tail": (
        replaced(history=history(*[0.1 + np.exp(-np.arange(50) / 2)] * 2, rates=flat_rate), controls=loose),
        "optimization.epochs",
    ),
}


def run(name, evidence):
    return catalog.load(FAMILY, name)(evidence)


@pytest.mark.parametrize("name", NAMES)
def test_each_check_finds_its_planted_fault_and_prescribes_its_control(name):
    evidence, control = PLANTED[name]
    finding = run(name, evidence)
    assert finding.status == "found", finding.evidence
    assert finding.prescription.control == control
    assert finding.severity > 0
    assert re.search(r"\d", finding.evidence)


@pytest.mark.parametrize("name", NAMES)
def test_each_check_is_silent_on_a_healthy_run_and_shows_the_number(name):
    finding = run(name, HEALTHY)
    assert finding.status == "healthy", finding.evidence
    assert finding.prescription is None
    assert re.search(r"\d", finding.evidence)


@pytest.mark.parametrize("name", NAMES)
def test_each_check_says_what_it_lacks(name):
    finding = run(name, NOTHING)
    # Two read the controls alone when these switch off what they look for.
    silent = {"sorted_rows", "clipped_steps"}
    assert finding.status == ("healthy" if name in silent else "not measured"), finding.evidence


@pytest.mark.parametrize("name", NAMES)
def test_ready_settings_make_valid_controls(name):
    evidence, control = PLANTED[name]
    settings = run(name, evidence).prescription.settings
    changed = evidence.controls
    for setting, value in settings.items():
        changed = changed.with_setting(f"{setting}={value if value is not None else 'null'}")
    assert (changed != evidence.controls) == bool(settings)
    assert ("." in control or control == "loss") == bool(settings)


def test_ids_are_unique_and_every_check_has_a_place_in_the_order_of_causes():
    ids = [catalog.module(FAMILY, name).ID for name in NAMES]
    assert len(set(ids)) == len(ids)
    assert {f"CK-{i}" for i in range(1, 30)} <= set(ids)
    assert sorted(ORDER) == sorted(NAMES)


def test_causes_come_before_their_symptoms():
    severity = {name: run(name, PLANTED[name][0]).severity for name in NAMES}
    assert severity["leak"] > severity["variance"]
    assert severity["twin_units"] > severity["wrong_rate"] > severity["avoidable_bias"]
    assert severity["input_scale"] > severity["activation_variance"] > severity["non_finite"]


def test_most_seeds_must_learn_twenty_rows():
    lucky, unlucky = (
        replaced(overfit_loss=np.array(losses)) for losses in ((0.0, 0.0, 9.0), (0.0, 9.0, 9.0))
    )
    assert run("cannot_overfit", lucky).status == "healthy"
    assert run("cannot_overfit", unlucky).status == "found"


def test_a_restraint_that_excuses_the_rate_is_what_is_found():
    """The rate loses all of the best one's fall, and learns with the penalty lifted: a tenth of the dev error."""
    fall, gain = Interval(0.12, 0.2, 0.3), Interval(0.02, 0.03, 0.04)
    penalty = Trial("regularization.l1", {"regularization.l1": 0.0}, fall, gain, gain, 0.6, 0.3)
    evidence = replace(PLANTED["wrong_rate"][0], trials=(penalty,))
    assert run("wrong_rate", evidence).status == "healthy"
    assert run("avoidable_bias", evidence).prescription.control == "regularization.l1"
    assert run("avoidable_bias", replace(evidence, range_test=None)).status == "healthy"


@pytest.mark.parametrize(
    ("train", "dev_loss", "status"),
    [
        # Dropout .95 on 105 irises: 23 dev rows count errors coarsely, their losses tell.
        (Interval(0.67, 0.85, 1.03), Interval(0.5, 0.7, 0.9), "found"),
        # Dropout .1 in a healthy regression: sure, yet 3 % of what there is to learn.
        (Interval(0.037, 0.055, 0.073), Interval(0.02, 0.03, 0.04), "healthy"),
        # What is learned by heart is no gain.
        (Interval(0.67, 0.85, 1.03), Interval(-0.4, 0.1, 0.6), "healthy"),
    ],
)
def test_a_restraint_is_a_fault_when_training_and_dev_rows_both_miss_a_tenth_of_all_there_is(
    train, dev_loss, status
):
    error = Interval(-0.08, 0.25, 0.58)
    dropout = Trial(
        "regularization.dropout", {"regularization.dropout": 0.0}, train, error, dev_loss, 1.0, 0.3
    )
    assert run("avoidable_bias", replaced(trials=(dropout,))).status == status


@pytest.mark.parametrize(("ratio", "status"), [(1.3e-3, "found"), (0.2, "healthy")])
def test_a_gradient_that_vanishes_is_told_whatever_the_unit_of_the_loss(ratio, status):
    for unit in (1e-3, 1.0, 1e3):
        norms = dict(zip(layers, (ratio * unit, 0.5 * unit, unit), strict=True))
        assert run("vanishing_gradient", replaced(start=start(gradient_norm=norms))).status == status


def test_rare_classes_do_not_make_a_start_bad():
    """420 rows against 8: outputs near 0 cost ln 2, fifteen times less than what CK-1 looks for."""
    rare = replaced(
        label_counts=np.array([420, 8]), start=start(loss=Interval(1.3, 1.37, 1.43), prior_loss=0.093)
    )
    assert run("initial_loss", rare).status == "healthy"
    assert run("class_imbalance", rare).status == "found"


def test_a_class_that_is_small_by_chance_is_not_imbalance():
    """34 rows of ten even classes: some class has one row, and is missed."""
    counts = np.array([3, 3, 3, 4, 1, 6, 5, 5, 1, 3])
    truth = np.arange(300) % 10
    p = np.eye(10)[np.where(truth == 4, 5, truth)]
    few = replaced(label_counts=counts, dev=Predictions(truth, p, np.zeros(300)))
    assert run("class_imbalance", few).status == "healthy"
    assert run("class_imbalance", replace(few, label_counts=100 * counts)).status == "found"


def test_few_rows_are_told_for_networks_that_weigh_each_column():
    few = PLANTED["few_rows"][0]
    pictures = replace(few, controls=controls(architecture__kind="cnn"))
    assert run("few_rows", pictures).status == "not measured"


def test_seeds_trained_for_an_epoch_show_no_late_noise():
    finding = run("late_noise", replaced(seed_history=seeds().filter(pl.col("epoch") == 0)))
    assert finding.status == "not measured"


def test_the_range_test_sets_the_rate_that_is_prescribed():
    finding = run("wrong_rate", PLANTED["wrong_rate"][0])
    assert finding.prescription.settings == {"optimization.learning_rate": 1.0}
    without = run("non_finite", replace(PLANTED["non_finite"][0], range_test=None))
    assert without.prescription.settings == {"optimization.learning_rate": 0.01}


@pytest.mark.parametrize("name", NAMES)
def test_a_training_that_broke_in_its_first_epoch_breaks_no_check(name):
    broken = replaced(
        record={"status": "failed", "reason": "the loss at step 0 is not finite"},
        history=pl.DataFrame(),
        trace=pl.DataFrame(),
        train=None,
        dev=None,
        finish=None,
        seed_history=seeds().with_columns(dev_loss=pl.lit(float("nan"))),
        overfit_loss=np.full(3, np.inf),
        range_test=None,
    )
    assert run(name, broken).status in ("found", "healthy", "not measured")
