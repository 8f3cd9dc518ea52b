"""RG-1 underfitting and overfitting, RG-2 bias and variance, RF-6 the error budget, on tasks whose answer is known."""

import numpy as np
import pytest

import netwright as nw
from netwright.diagnose.bias_variance import squared, zero_one


def sine(rows, seed):
    """Two classes parted by a sine, 10 % of the labels flipped: the Bayes error is 0.1."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 2)).astype(np.float32)
    y = X[:, 1] > np.sin(2 * X[:, 0])
    return nw.Dataset.from_arrays(X, np.where(rng.random(rows) < 0.1, ~y, y).astype(int), name="sine")


FEW = {"data__dev_fraction": 0.8, "data__test_fraction": 0.1}
"""A tenth of the rows to learn from, many to judge by."""


def controls(**settings):
    base = nw.Controls(
        optimization=nw.Optimization(rule="adam", learning_rate=0.01, batch_size=64, epochs=60),
        regularization=nw.Regularization(dropout=0.0, early_stopping=None),
    )
    for name, value in settings.items():
        base = base.with_setting(f"{name.replace('__', '.')}={value}")
    return base


@pytest.fixture(scope="module")
def budgets():
    """Of a line through the sine, which cannot follow it, and of a wide network that learns few rows by heart."""
    line = controls(architecture__kind="logistic", optimization__epochs=20)
    wide = controls(
        architecture__hidden="[256]", optimization__epochs=400, optimization__batch_size=16, **FEW
    )
    runs = [nw.fit(sine(3000, 0), line, progress=False), nw.fit(sine(800, 1), wide, progress=False)]
    return [run.diagnose(quick=True, checks=False).budget for run in runs]


def test_underfitting_and_overfitting_are_told_from_training_and_dev_error(budgets):
    """RG-1: underfitting has a high training error and a small gap; overfitting the reverse."""
    under, over = budgets
    assert under.errors["train"].estimate > 0.2
    assert under["estimation"].interval.high < 0.05
    assert over.errors["train"].estimate < 0.1
    assert over["estimation"].interval.low > 0.08


def test_the_budget_names_what_holds_the_network_back(budgets):
    """RF-6: error = Bayes + approximation + estimation (+ optimization + shift), each with an interval."""
    under, over = budgets
    assert under["approximation"].interval.low > 0.03
    assert under.largest.name == "approximation"
    assert over.largest.name == "estimation"
    for budget in budgets:
        assert budget["bayes"].interval.high >= 0.1
        assert all(term.interval is not None or term.verdict == "not measured" for term in budget.terms)


def test_bias_falls_and_variance_rises_with_capacity():
    """RG-2: refits on resamples of few noisy rows: a line has bias, a wide network variance."""
    rng = np.random.default_rng(2)
    x = rng.uniform(-3, 3, (600, 1)).astype(np.float32)
    ds = nw.Dataset.from_arrays(x, np.sin(2 * x[:, 0]) + 0.5 * rng.normal(size=600), name="wave")
    longer = {"optimization__epochs": 150, "optimization__batch_size": 16, **FEW}
    line = nw.bias_variance(ds, controls(architecture__kind="logistic", **longer), members=5)
    wide = nw.bias_variance(ds, controls(architecture__hidden="[128]", **longer), members=5)
    assert line.bias.estimate > wide.bias.estimate + 0.1
    assert line.variance.estimate < wide.variance.estimate
    for found in (line, wide):
        assert found.error.estimate == pytest.approx(found.bias.estimate + found.variance.estimate)


def test_the_decompositions_are_exact():
    """RG-2: squared loss: bias² + variance; 0–1 loss (Domingos): bias + unbiased − biased variance for two classes."""
    rng = np.random.default_rng(0)
    f, y = rng.normal(size=(5, 30)), rng.normal(size=30)
    found = squared(f, y)
    assert found.bias.estimate + found.variance.estimate == pytest.approx(np.mean((f - y) ** 2))
    codes, truth = rng.integers(0, 2, (5, 30)), rng.integers(0, 2, 30)
    found = zero_one(codes, truth)
    net = found.unbiased.estimate - found.biased.estimate
    assert found.bias.estimate + net == pytest.approx(np.mean(codes != truth))
