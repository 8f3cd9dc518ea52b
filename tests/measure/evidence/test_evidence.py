"""What the checks read: each measurement against a closed form, or a case whose answer is known."""

from dataclasses import fields

import numpy as np
import pytest
from flax import nnx
from scipy.special import expit

import netwright as nw
from netwright.core import catalog
from netwright.measure.evidence import gather
from netwright.measure.evidence.layers import look
from netwright.measure.evidence.network import prior_loss, trained, untrained
from netwright.measure.evidence.probes import POWER_STEPS, mixing, mode_gap, sharpness, zeroed_gap
from netwright.measure.evidence.tables import crossfit, duplicates, feature_scores, input_rms, order

RNG = np.random.default_rng(3)


def controls(**settings):
    made = nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=(4,)),
        optimization=nw.Optimization(rule="adamw", learning_rate=0.01, batch_size=16, epochs=4),
        regularization=nw.Regularization(dropout=0.1, weight_decay=0.01, early_stopping=None),
    )
    for name, value in settings.items():
        made = made.with_setting(f"{name.replace('__', '.')}={value}")
    return made


@pytest.fixture(scope="module")
def run(blobs):
    return nw.train.fit(blobs, controls(), seed=1)


@pytest.fixture(scope="module")
def linear(blobs):
    return nw.train.fit(
        blobs,
        controls(architecture__kind="logistic", architecture__hidden="[]", regularization__dropout=0),
        seed=1,
    )


@pytest.fixture(scope="module")
def evidence(run):
    return gather(run)


def test_everything_is_measured_when_there_is_time(evidence):
    # What needs other helpers (budget, shift), batch normalization, a plain rule, or 300 steps is not.
    absent = {"mode_gap", "sharpness", "budget", "shift", "overfit_loss"}
    missing = {field.name for field in fields(evidence) if getattr(evidence, field.name) is None}
    assert missing == absent
    assert {trial.control for trial in evidence.trials} >= {
        "regularization.dropout",
        "regularization.weight_decay",
        "architecture.hidden",
    }
    assert evidence.seed_history["member"].n_unique() == 3


def test_without_time_nothing_is_measured_and_no_check_fails(run):
    none = gather(run, seconds=0.0)
    assert none.start is None
    assert none.range_test is None
    said = [catalog.load("diagnose.checks", name)(none) for name in catalog.names("diagnose.checks")]
    assert sum(finding.status == "not measured" for finding in said) > 15
    assert not any(finding.status == "found" for finding in said if finding.check not in ("CK-18", "CK-19"))


def test_the_start_is_that_of_the_run(run, evidence):
    start = evidence.start
    assert list(start.activation_std) == ["hidden.0.linear", "output"]
    assert start.prior_loss == pytest.approx(prior_loss(run.prepared, "bce"))
    share = run.prepared.train.y.mean()
    assert start.prior_loss == pytest.approx(-share * np.log(share) - (1 - share) * np.log(1 - share))
    assert evidence.finish.loss.estimate < start.loss.estimate


def test_pre_activations_and_gradients_are_those_of_the_weights(linear):
    rows = linear.prepared.train
    found = look(trained(linear), linear.prepared, training=False)
    kernel, bias = (np.asarray(linear.predictor.params[f"output.{n}"]) for n in ("kernel", "bias"))
    z = rows.x @ kernel + bias
    assert found.activation_std["output"] == pytest.approx(z.std(), rel=1e-4)
    error = expit(z[:, 0]) - rows.y
    gradient = np.append(rows.x.T @ error, error.sum()) / len(rows)
    assert found.gradient_norm["output"] == pytest.approx(np.linalg.norm(gradient), rel=1e-4)


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian(linear):
    rows = linear.prepared.train
    x = np.column_stack([rows.x, np.ones(len(rows))]).astype(np.float64)
    w = np.append(*(np.asarray(linear.predictor.params[f"output.{n}"]).ravel() for n in ("kernel", "bias")))
    p = expit(x @ w)
    hessian = (x * (p * (1 - p))[:, None]).T @ x / len(x)
    found = sharpness(trained(linear), linear.prepared, rate=0.5, step=7)
    assert found[0, 0] == 7
    second, first = np.linalg.eigvalsh(hessian)[-2:]
    # A Rayleigh quotient never exceeds the largest eigenvalue. After k steps it lacks at most a share of
    # tan²θ (λ₂/λ₁)^2k, and for a random start in d dimensions tan²θ > 2d/π · 10⁶ has a probability of 1/1000 (Golub and
    # Van Loan, 8.2.1); whatever the gap, a share above ε has at most 0.824 √d (1 − ε)^(k − ½) (Kuczyński and
    # Woźniakowski, 1992).
    d = len(hessian)
    by_gap = 2e6 * d / np.pi * (second / first) ** (2 * POWER_STEPS)
    by_steps = 1 - (1e-3 / (0.824 * np.sqrt(d))) ** (1 / (POWER_STEPS - 0.5))
    rounding = 1e-5
    low, high = 1 - min(by_gap, by_steps) - rounding, 1 + rounding
    assert low < found[0, 1] / (0.5 * first) < high


def test_zeroed_inputs_leave_the_bias_alone(linear):
    dev = linear.prepared.dev
    z = linear.predictor.outputs_of(dev.x)
    bias = float(np.asarray(linear.predictor.params["output.bias"])[0])
    gap = np.logaddexp(0, bias) - dev.y * bias - (np.logaddexp(0, z) - dev.y * z)
    assert zeroed_gap(trained(linear), linear.prepared).estimate == pytest.approx(gap.mean(), rel=1e-4)


class MeanTaken(nnx.Module):
    """Takes a mean over the rows."""

    def __init__(self):
        self.output = nnx.Linear(3, 1, rngs=nnx.Rngs(0))

    def __call__(self, x):
        return self.output(x - x.mean(axis=0, keepdims=True))


def test_rows_that_mix_are_seen(linear, blobs):
    assert mixing(trained(linear), linear.prepared) == 0
    mixed = nw.train.fit(blobs, controls(optimization__epochs=1), model=MeanTaken())
    kernel = np.asarray(mixed.predictor.params["output.kernel"])
    assert mixing(trained(mixed), mixed.prepared) == pytest.approx(np.abs(kernel).max() / 8, rel=1e-4)
    assert untrained(mixed) is None
    assert gather(mixed).range_test is None


def test_batch_normalization_alone_tells_the_modes_apart(run, blobs):
    assert mode_gap(trained(run), run.prepared) is None
    normalized = nw.train.fit(
        blobs, controls(architecture__batch_norm="true", optimization__batch_size=2), seed=0
    )
    assert mode_gap(trained(normalized), normalized.prepared).low > 0


def test_zero_kernels_make_twins(blobs):
    with pytest.warns(UserWarning, match="identical"):
        made = nw.train.fit(blobs, controls(initialization__kernel="zeros"), seed=0)
    found = look(untrained(made), made.prepared, training=True)
    assert found.twin_units == {"hidden.0.linear": 0.75}
    assert found.dead == {"hidden.0.linear": 1.0}


def test_repeated_rows_are_counted_across_splits():
    X = np.repeat(RNG.normal(size=(60, 2)), 2, axis=0)
    prepared = nw.Dataset.from_arrays(X, np.tile([0, 1], 60)).prepare(nw.DataControls(), embeddings=False)
    rows, splits = np.repeat(np.arange(60), 2), prepared.splits
    for name in ("dev", "test"):
        expected = np.isin(rows[getattr(splits, name)], rows[splits.train]).sum()
        assert duplicates(prepared)[name] == expected > 0
    assert duplicates(prepared)["train"] == len(splits.train) - len(np.unique(rows[splits.train]))


def test_order_is_one_minus_a_few_changes_when_sorted_and_near_zero_when_not():
    y = np.repeat([0, 1], 100)
    plain = nw.DataControls(dev_fraction=0, test_fraction=0)
    X = RNG.normal(size=(200, 2))
    sorted_rows = nw.Dataset.from_arrays(X, y).prepare(plain, embeddings=False)
    assert order(sorted_rows).estimate == pytest.approx((198 / 199 - 0.5) / 0.5)
    mixed = nw.Dataset.from_arrays(X, RNG.permutation(y)).prepare(plain, embeddings=False)
    assert abs(order(mixed).estimate) < 0.3


def test_a_column_that_holds_the_target_scores_one_and_noise_scores_nothing():
    y = RNG.integers(0, 3, 300)
    X = np.column_stack([y + 0.01 * RNG.normal(size=300), RNG.normal(size=300)])
    prepared = nw.Dataset.from_arrays(X, y, feature_names=["leak", "noise"]).prepare(
        nw.DataControls(), embeddings=False
    )
    scores = feature_scores(prepared)
    assert scores["leak"] == 1
    assert scores["noise"] < 0.2
    assert np.allclose(input_rms(prepared), 1, atol=1e-3)
    assert (crossfit(prepared).outputs.argmax(axis=1) == crossfit(prepared).truth).mean() > 0.97


def test_categories_are_scored_by_their_codes():
    import polars as pl

    y = np.tile(["no", "yes"], 60)
    frame = pl.DataFrame({"twin": np.where(y == "yes", "b", "a"), "x": RNG.normal(size=120)})
    prepared = nw.Dataset.from_arrays(frame, y).prepare(nw.DataControls(), embeddings=True)
    assert feature_scores(prepared)["twin"] == 1
