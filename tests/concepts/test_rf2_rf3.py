"""RF-2 and RF-3: a shift is detected, sized and typed, at the stated rate of false alarms; and it is mended."""

import numpy as np
import pytest

import netwright as nw
from netwright.diagnose.shift.classifier import domain_probabilities

ROWS = 400


def labelled(x, rng):
    """Labels that a logistic curve in x0 and x1 draws."""
    return (rng.random(len(x)) < 1 / (1 + np.exp(-3 * (x[:, 0] + x[:, 1])))).astype(int)


def two_samples(kind, rows=ROWS):
    """Training rows with labels, target rows with labels; three columns, the third of pure noise."""
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, rows, 3))
    if kind == "label":
        y, y_target = ((rng.random(rows) < share).astype(int) for share in (0.5, 0.85))
        for x, labels in ((a, y), (b, y_target)):
            x[:, :2] += 1.5 * labels[:, None]
        return a, y, b, y_target
    if kind == "mean":
        b[:, 0] += 0.7
    if kind == "variance":
        b[:, 0] *= 1.8
    if kind == "correlation":
        a[:, 1] = 0.8 * a[:, 0] + 0.6 * a[:, 1]
        b[:, 1] = -0.8 * b[:, 0] + 0.6 * b[:, 1]
    y, y_target = labelled(a, rng), labelled(b, rng)
    return a, y, b, 1 - y_target if kind == "concept" else y_target


def test_without_a_shift_alarms_are_as_rare_as_stated():
    """RF-2: 30 pairs of like samples at confidence 0.9; more than 8 alarms happen by chance once in 500 times."""
    rng = np.random.default_rng(0)
    alarms = sum(nw.shift.detect(*rng.normal(size=(2, 40, 2)), seed=seed).shifted for seed in range(30))
    assert alarms <= 8


@pytest.mark.parametrize("kind", ["mean", "variance", "correlation", "label"])
def test_a_shift_is_found(kind):
    """RF-2: of a mean, of a variance, of the classes' shares, and of a correlation with all columns as they were."""
    a, _, b, _ = two_samples(kind)
    report = nw.shift.detect(a, b)
    assert report.shifted
    moved = set(report.features.filter("shifted")["column"])
    assert moved == {"mean": {"x0"}, "variance": {"x0"}, "label": {"x0", "x1"}, "correlation": set()}[kind]
    if kind == "correlation":
        assert all(test.corrected_p < 0.01 for test in report.joint)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("mean", "covariate"), ("label", "label"), ("concept", "concept"), ("none", "none")],
)
def test_types_are_told_apart_where_target_labels_allow(kind, expected):
    """RF-2: P(x), P(y) or P(y | x) moved; flipped labels leave every input as it was."""
    a, y, b, y_target = two_samples(kind)
    report = nw.shift.detect(a, b, y_train=y, y_target=y_target)
    assert report.type == expected
    assert report.harmful == (expected == "concept")
    assert bool(report.remedies) == (expected in ("covariate", "label"))


def test_a_label_shift_is_told_without_target_labels():
    """RF-2: the classes' shares, seen through a model that errs, explain the inputs; the shares are right."""
    a, y, b, _ = two_samples("label")
    report = nw.shift.detect(a, b, y_train=y)
    assert report.type == "label"
    shown = float(report.reason.split("→")[-1].split("%")[0])
    assert shown == pytest.approx(85, abs=6)


def test_without_any_labels_the_type_is_not_claimed():
    """RF-2."""
    a, _, b, _ = two_samples("mean")
    assert nw.shift.detect(a, b).type == "undecidable"


def test_importance_weights_are_the_ratio_of_densities():
    """RF-3: N(0, 1) to N(1, 1) has w(x) = exp(x − ½), within a mean error of a quarter on the log scale."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(1500, 1)), rng.normal(size=(1500, 1)) + 1])
    domain = np.repeat([0.0, 1.0], 1500)
    p = domain_probabilities(x, domain, 0)[:1500]
    inner = np.abs(x[:1500, 0]) < 1.5
    error = np.log(p / (1 - p)) - (x[:1500, 0] - 0.5)
    assert np.abs(error[inner]).mean() < 0.25


def test_fine_tuning_on_target_rows_mends_a_concept_that_changed():
    """RF-3: started from the trained weights, a few labelled target rows give the target's own rule."""
    a, y, b, y_target = two_samples("concept")
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(8,)),
        optimization=nw.Optimization(epochs=60, batch_size=32, learning_rate=0.02),
        regularization=nw.Regularization(early_stopping=None, dropout=0.0),
        data=nw.DataControls(normalize="none", dev_fraction=0, test_fraction=0),
    )
    run = nw.train.fit(nw.Dataset.from_arrays(a, y), controls)
    few = nw.Dataset.from_arrays(b[:200], y_target[:200])
    tuned = nw.train.fit(few, controls, model=run.model)
    before, after = (np.mean(r.predict(b[200:]) != y_target[200:]) for r in (run, tuned))
    assert before > 0.7
    assert after < 0.35  # the logistic curve itself errs on a fifth of the rows
