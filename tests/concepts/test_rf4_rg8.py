"""RF-4, RG-8: searches, refinement, folds and sensitivity; strengths that the tuner searches, and the gap they move."""

import json
import re

import numpy as np
import pytest
from scipy.stats import spearmanr

import netwright as nw

RATE, STRENGTH = "optimization.learning_rate", "regularization.l2"
TRIALS, EPOCHS = 9, 9
RUNGS = {"halving", "hyperband"}


@pytest.fixture(scope="module")
def curved() -> nw.Dataset:
    """160 × 2, two classes within and without a circle: nothing is learned at a rate that is far too small."""
    draw = np.random.default_rng(0)
    X = draw.uniform(-1, 1, size=(160, 2)).astype(np.float32)
    return nw.Dataset.from_arrays(X, ((X**2).sum(axis=1) > 0.6).astype(int), name="circle")


@pytest.fixture(scope="module")
def tuned(curved):
    """Search a rate from hopeless to good, and a label smoothing that hardly matters."""
    space = nw.Space(
        {RATE: nw.Float(1e-6, 1e-1, log=True), "regularization.label_smoothing": nw.Float(0.0, 0.1)}
    )
    base = nw.Controls(
        architecture=nw.Architecture(hidden=(16,)),
        optimization=nw.Optimization(rule="adam", epochs=EPOCHS, batch_size=16, schedule="constant"),
        regularization=nw.Regularization(early_stopping=None),
        data=nw.DataControls(dev_fraction=0.4, test_fraction=0.0),
    )

    def ask(search, trials=TRIALS, **named):
        return nw.tune(curved, space, search, trials=trials, controls=base, **named)

    return ask


@pytest.mark.parametrize("search", ["grid", "random", "bayes", "halving", "hyperband"])
def test_rf4_every_search_finds_a_rate_that_learns(tuned, search):
    """RF-4: grid, random, Bayesian, successive halving and Hyperband; the two that race spend fewer epochs."""
    study = tuned(search)
    assert len(study.trials) == TRIALS
    assert study.best_value < 0.25
    assert study.best_controls.optimization.learning_rate > 1e-3
    spent = study.trials["epochs"].sum()
    assert spent == TRIALS * EPOCHS if search not in RUNGS else spent < TRIALS * EPOCHS
    assert (study.trials["state"] == "PRUNED").any() == (search in RUNGS)


def test_rf4_the_space_shrinks_from_coarse_to_fine(tuned):
    """RF-4: after the first round, rates are drawn from around the best ones only."""
    study = tuned("random", trials=16, refine=1)
    rates = np.log10([point[RATE] for point in study.points])
    coarse, fine = rates[:8], rates[8:]
    assert np.ptp(fine) < np.ptp(coarse)
    assert fine.min() > -4


def test_rf4_folds_decide_in_place_of_the_dev_rows(tuned):
    """RF-4: with K folds the value is their error, and each network learned from the rows of the others."""
    study = tuned("random", cv=2)
    rows, whole = (one.trials["compute"].sum() for one in (study, tuned("random")))
    assert study.cv == 2
    assert rows == whole, "two folds of half the rows each"
    assert study.trials["value"].is_finite().all()


def test_rf4_the_sensitivity_of_each_hyperparameter(tuned):
    """RF-4: the rate explains the error, the smoothing hardly; along the rate the error falls."""
    found = tuned("random", trials=24).sensitivity()
    assert found.importances[RATE] > 0.6
    assert found.importances["regularization.label_smoothing"] < 0.2
    profile = found.profiles[RATE]
    assert profile.middle[0] > profile.middle[-1] + 0.15
    assert all(low <= high for low, high in zip(profile.low, profile.high, strict=True))


def test_rg8_the_tuner_searches_the_strengths(curved):
    """RG-8: unless they are settled, dropout and weight decay are in the space of every table."""
    names = set(nw.Space.default(curved).dimensions)
    assert {"regularization.dropout", "regularization.weight_decay"} <= names


def test_rg8_the_effect_of_a_strength_on_the_gap_is_measured_and_drawn(tmp_path):
    """RG-8: labels that are half noise are learned by heart; the larger λ, the smaller the gap, in the page as well."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(200, 8)).astype(np.float32)
    noisy = nw.Dataset.from_arrays(X, (X[:, 0] + draw.normal(size=200) > 0).astype(int), name="noisy")
    study = nw.tune(
        noisy,
        nw.Space({STRENGTH: nw.Float(1e-5, 1.0, log=True)}),
        "grid",
        trials=12,
        controls=nw.Controls(
            architecture=nw.Architecture(hidden=(16,)),
            optimization=nw.Optimization(rule="adam", epochs=80, batch_size=32, learning_rate=0.03),
            regularization=nw.Regularization(early_stopping=None, dropout=0.0, weight_decay=0.0),
            data=nw.DataControls(dev_fraction=0.4, test_fraction=0.0),
        ),
    )
    gap = (study.trials["dev"] - study.trials["train"]).to_numpy()
    strengths = [point[STRENGTH] for point in study.points]
    assert spearmanr(strengths, gap).statistic < -0.8
    assert gap[np.argmin(strengths)] > 0.2 > gap[np.argmax(strengths)] + 0.1

    page = study.report(tmp_path / "study.html").read_text()
    assert "Train and dev error along l2" in page
    charts = json.loads(re.search(r'id="charts">(.*?)</script>', page, re.S)[1])["charts"].values()
    both = [
        rows
        for chart in charts
        for rows in chart.get("datasets", {}).values()
        if {row.get("series") for row in rows} == {"train", "dev"}
    ]
    ends = {
        series: [
            row["middle"] for row in sorted(both[0], key=lambda row: row["at"]) if row["series"] == series
        ]
        for series in ("train", "dev")
    }
    assert ends["dev"][0] - ends["train"][0] > ends["dev"][-1] - ends["train"][-1] + 0.1
