"""The budget's arithmetic, what is prescribed from it, and how it is told."""

import json

import numpy as np
import pytest

from netwright.diagnose import terms
from netwright.diagnose.budget import Budget, Term
from netwright.diagnose.diagnosis import Diagnosis
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import Interval, of_difference, of_values
from netwright.diagnose.prescribe import prescribe

NAMES = tuple(terms.NAMES.values())


def budget(dev=(0.19, 0.2, 0.21), bayes_verdict="bounded", **intervals):
    """A budget of the terms given; a term is three numbers, or None."""
    found = [
        Term(
            id, name, None if intervals.get(name) is None else Interval(*intervals[name]), "measured", "told"
        )
        for id, name in terms.NAMES.items()
        if name != "bayes"
    ]
    bayes = Term("DG-1", "bayes", Interval(*intervals.get("bayes", (0.0, 0.05, 0.1))), bayes_verdict, "told")
    return Budget("error", {"train": Interval(0.1, 0.1, 0.1), "dev": Interval(*dev)}, (bayes, *found))


def remedies():
    return {name: Prescription(name, {}, name, name) for name in NAMES}


def finding(term, control="x", severity=0.5):
    return Finding("CK-0", "something", "found", "seen", severity, Prescription(control, {}, "why", term))


# ------------------------------------------------------------------------------------------------- intervals


def test_difference_of_shares_covers():
    """Agresti and Caffo's interval at 90 %: at least 870 of 1000 repeats, also near 0."""
    rng = np.random.default_rng(0)
    for p, q in ((0.3, 0.2), (0.02, 0.0)):
        hits = 0
        for _ in range(1000):
            found = of_difference(rng.random(150) < p, rng.random(200) < q)
            hits += found.low <= p - q <= found.high
        assert hits >= 870


def test_no_error_at_all_still_has_an_interval():
    found = of_difference(np.zeros(30), np.zeros(50))
    assert found.low < 0 < found.high
    assert of_values(np.zeros(30)).high == pytest.approx(1 - 0.05 ** (1 / 30))


def test_difference_of_means_is_welch():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(1)
    a, b = rng.normal(1, 2, 40), rng.normal(0, 1, 25)
    expected = ttest_ind(a, b, equal_var=False).confidence_interval(0.9)
    found = of_difference(a, b)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_interval_arithmetic_keeps_what_is_unknown():
    assert Interval(1, 2, 3).minus(Interval(0, 0.5, 1)) == Interval(0, 1.5, 3)
    assert Interval(1, 2, 3).minus(Interval(None, None, 1)) == Interval(0, None, None)
    assert Interval(None, -1, None).at_least(0.0) == Interval(0.0, 0.0, None)


# ----------------------------------------------------------------------------------------------------- terms


def test_approximation_is_what_training_error_and_bayes_error_leave():
    bayes = Term("DG-1", "bayes", Interval(0.02, 0.05, 0.08), "bounded", "")
    optimization = Term("DG-2", "optimization", Interval(0.0, 0.01, 0.02), "lower bound", "")
    found = terms.approximation(bayes, Interval(0.19, 0.2, 0.21), optimization, None, None)
    assert (found.interval.low, found.interval.estimate, found.interval.high) == pytest.approx(
        (0.09, 0.14, 0.19)
    )
    assert found.verdict == "bounded"


def test_approximation_without_a_lower_end_of_the_bayes_error_has_an_upper_end_only():
    bayes = Term("DG-1", "bayes", Interval(None, None, 0.1), "upper only", "")
    nothing = terms.not_measured("DG-2", "time")
    found = terms.approximation(bayes, Interval(0.05, 0.06, 0.07), nothing, None, None)
    assert (found.interval.low, found.interval.estimate, found.interval.high) == (0.0, None, 0.07)
    assert found.verdict == "upper only"


def test_a_wider_network_that_does_better_is_a_lower_end():
    bayes = Term("DG-1", "bayes", Interval(0.0, 0.1, 0.2), "bounded", "")
    nothing = terms.not_measured("DG-2", "time")
    found = terms.approximation(bayes, Interval(0.19, 0.2, 0.21), nothing, None, Interval(0.05, 0.06, 0.07))
    assert found.interval.low == 0.05
    assert "four times the width" in found.method


# ---------------------------------------------------------------------------------------------- prescription


def test_the_largest_term_must_lie_above_all_others():
    apart = budget(
        optimization=(0.0, 0.01, 0.02), estimation=(0.05, 0.06, 0.07), approximation=(0.0, 0.0, 0.01)
    )
    assert apart.largest is not None
    assert apart.largest.name == "estimation"
    overlapping = budget(optimization=(0.0, 0.01, 0.055), estimation=(0.05, 0.06, 0.07))
    assert overlapping.largest is None
    assert budget(estimation=(-0.01, 0.0, 0.01)).largest is None


def test_a_term_known_by_its_upper_end_alone_may_still_be_the_largest():
    under = budget(estimation=(0.1, 0.12, 0.14), approximation=(0.0, None, 0.05))
    assert under.largest is not None
    assert under.largest.name == "estimation"
    assert budget(estimation=(0.1, 0.12, 0.14), approximation=(0.0, None, 0.2)).largest is None
    assert budget(estimation=(0.1, 0.12, 0.14), approximation=(0.0, None, None)).largest is None


def test_a_fault_comes_first():
    found = [finding("estimation", "dropout", 0.9), finding("", "initialization", 0.4)]
    apart = budget(estimation=(0.05, 0.06, 0.07))
    assert prescribe(apart, found, remedies()).control == "initialization"


def test_the_limit_says_stop():
    reached = budget(dev=(0.09, 0.1, 0.11), bayes=(0.095, 0.1, 0.11), estimation=(0.05, 0.06, 0.07))
    assert reached.at_the_limit
    assert prescribe(reached, [], remedies()).control == "none"
    unsure = budget(dev=(0.09, 0.1, 0.11), bayes=(0.02, 0.1, 0.11))
    assert not unsure.at_the_limit
    assert not budget(dev=(0.09, 0.1, 0.11), bayes=(None, 0.1, 0.11), bayes_verdict="upper only").at_the_limit


def test_the_largest_terms_control_is_prescribed_the_checks_before_the_default():
    apart = budget(optimization=(0.0, 0.0, 0.01), estimation=(0.05, 0.06, 0.07))
    assert prescribe(apart, [], remedies()).control == "estimation"
    assert prescribe(apart, [finding("estimation", "dropout")], remedies()).control == "dropout"
    assert prescribe(apart, [finding("optimization", "epochs")], remedies()).control == "estimation"


def test_terms_that_cannot_be_told_apart_ask_for_a_measurement():
    mixed = budget(optimization=(0.0, 0.03, 0.06), estimation=(0.02, 0.05, 0.07))
    asked = prescribe(mixed, [], remedies())
    assert asked.control == "measure"
    assert "estimation and optimization" in asked.reason
    assert "--quick" in prescribe(mixed, [], remedies(), quick=True).reason
    assert prescribe(mixed, [finding("optimization", "epochs")], remedies()).control == "epochs"


# --------------------------------------------------------------------------------------------------- telling


@pytest.fixture
def diagnosis():
    hostile = Finding("CK-9", "a <script> column", "found", "x < y", 0.4, Prescription("data", {}, "r"))
    unmeasured = Finding("CK-2", "quiet", "not measured", "not measured: time")
    whole = budget(
        optimization=(0.0, 0.01, 0.02),
        approximation=(0.0, 0.02, 0.03),
        estimation=(0.05, 0.06, 0.07),
        shift=(0, 0, 0),
    )
    advice = Prescription(
        "regularization.dropout", {"regularization.dropout": 0.4}, "it overfits", "estimation"
    )
    figures = {"curve": np.array([1.0, np.nan])}
    return Diagnosis("<b>data</b>", whole, (hostile, unmeasured), advice, figures, 12.3)


def test_a_diagnosis_is_told_in_ten_lines(diagnosis):
    lines = str(diagnosis).splitlines()
    assert len(lines) <= 10
    assert "held back by estimation" in lines[0]
    assert sum("●" in line for line in lines) == 5
    assert any("--set regularization.dropout=0.4" in line for line in lines)
    assert "dev overfit" in lines[-1]
    assert "1 checks" in lines[-1]


def test_a_diagnosis_survives_json(diagnosis):
    text = json.dumps(diagnosis.to_json(), allow_nan=False)
    back = Diagnosis.from_json(json.loads(text))
    assert back.to_json() == diagnosis.to_json()
    assert back.budget == diagnosis.budget
    assert back.findings == diagnosis.findings
    assert back.figures == {"curve": [1.0, None]}
    with pytest.raises(ValueError, match="version"):
        Diagnosis.from_json({"version": 99})


def test_the_notebooks_view_escapes_names(diagnosis):
    html = diagnosis._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<b>data</b>" not in html
