"""The estimate as a whole: ends, verdicts, what is struck, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

import netwright as nw
from netwright.core.errors import ControlError, DataError

TRUTH = 0.15866


def gaussians(n, d, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    X = rng.normal(size=(n, d))
    X[:, 0] += 2 * y
    return X, y


@pytest.fixture(scope="module")
def plane():
    return gaussians(600, 2)


@pytest.fixture(scope="module")
def found(plane):
    return nw.bayes.estimate(*plane)


def test_two_dimensions_are_bounded(found):
    assert found.verdict == "bounded"
    assert found.low < TRUTH < found.high
    assert found.low <= found.estimate <= found.high
    assert found.high - found.low < TRUTH
    assert (found.interval.low, found.interval.high, found.confidence) == (found.low, found.high, 0.9)


def test_the_upper_end_is_the_least_limit_and_the_lower_the_least_standing(found):
    uppers = [c.interval.high for c in found.candidates if c.side == "upper" and not c.struck]
    lowers = [c.interval.low for c in found.candidates if c.side == "lower" and not c.struck]
    assert found.high == min(uppers)
    assert found.low == min(lowers)
    assert {c.space for c in found.candidates} == {"raw", "learned"}


def test_the_text_names_every_candidate_and_assumption(found):
    text = str(found)
    assert "bounded" in text
    for candidate in found.candidates:
        assert candidate.name in text
    for assumption in found.assumptions:
        assert assumption in text


def test_a_seed_repeats(plane, found):
    assert nw.bayes.estimate(*plane) == found
    assert nw.bayes.estimate(*plane, seed=1) != found


def test_more_confidence_is_wider(plane, found):
    wider = nw.bayes.estimate(*plane, confidence=0.99)
    assert wider.low < found.low
    assert wider.high > found.high


def test_far_neighbours_are_struck_and_listed():
    # The design's own case: the 1-NN "lower bound" comes out above the truth at d = 50.
    found = nw.bayes.estimate(*gaussians(600, 50))
    nearest = next(c for c in found.candidates if c.name == "Cover–Hart, 1-NN")
    assert nearest.struck
    assert "far" in nearest.why
    assert nearest.value > TRUTH
    assert found.low is None or found.low < TRUTH
    assert found.high > TRUTH


def test_a_hidden_signal_in_many_dimensions_is_not_identified():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (500, 20))
    y = (np.prod(np.sign(X[:, :3]), axis=1) > 0) ^ (rng.random(500) < 0.1)
    found = nw.bayes.estimate(X, y)
    assert found.low is None
    assert found.verdict != "bounded"


def test_judged_models_share_the_level_and_can_set_the_end(plane, found):
    better = nw.bayes.estimate(*plane, judged=[("mine", 1500, 10_000)])
    mine = next(c for c in better.candidates if "mine" in c.name)
    assert better.high == mine.interval.high < found.high
    assert mine.value == 0.15


def test_candidates_above_the_upper_end_are_struck(plane):
    X, y = plane
    votes = np.eye(2)[y] * 0.2 + 0.4
    found = nw.bayes.estimate(X, y, soft_labels=votes)
    soft = next(c for c in found.candidates if c.name == "soft labels")
    assert soft.value == pytest.approx(0.4)
    assert soft.struck
    assert "above the upper end" in soft.why


def test_given_features_are_one_more_space(plane):
    X, y = plane
    found = nw.bayes.estimate(X, y, features=X[:, :1], models={"logistic": LogisticRegression()})
    assert any(c.name == "Cover–Hart, 1-NN, given features" for c in found.candidates)
    assert next(c.name for c in found.candidates if c.side == "upper") == "held-out error, logistic"


def test_a_model_without_scores_leaves_the_raw_inputs(plane):
    found = nw.bayes.estimate(*plane, models={"majority": DummyClassifier()})
    assert {c.space for c in found.candidates if c.side == "lower"} == {"raw"}
    assert found.low < TRUTH


def test_labels_of_text_and_of_many_classes():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 600)
    X = rng.normal(size=(600, 3)) + 2 * np.eye(3)[y]
    found = nw.bayes.estimate(X, np.array(["a", "b", "c"])[y])
    assert found.low < 0.13423 < found.high


def test_a_rare_class_is_survived():
    X, y = gaussians(200, 2)
    y = y.astype(int)
    y[0] = 2
    found = nw.bayes.estimate(X, y)
    assert 0 < found.high < 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda X: X.assign(b=X["b"].where(X.index != 7)), "column 'b', row 7"),
        (lambda X: X.assign(b="red"), "no numbers"),
        (lambda X: X.head(50), "one label for each row"),
    ],
)
def test_bad_inputs_are_named(change, words):
    X, y = gaussians(100, 2)
    with pytest.raises(DataError, match=words):
        nw.bayes.estimate(change(pd.DataFrame(X, columns=["a", "b"])), y)


def test_too_few_rows_and_bad_arguments():
    X, y = gaussians(100, 2)
    with pytest.raises(DataError, match="at least 40"):
        nw.bayes.estimate(X[:20], y[:20])
    with pytest.raises(DataError, match="soft_labels"):
        nw.bayes.estimate(X, y, soft_labels=np.ones((100, 3)))
    with pytest.raises(DataError, match="judged"):
        nw.bayes.estimate(X, y, judged=[("mine", 3)])
    with pytest.raises(DataError, match="features has 5 rows"):
        nw.bayes.estimate(X, y, features=X[:5])
    with pytest.raises(ControlError, match="confidence"):
        nw.bayes.estimate(X, y, confidence=90)
