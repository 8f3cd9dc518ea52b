"""The fault bench: two halves of like sets, the score of a finding, and the interval of a share."""

from collections import Counter

import pytest
from benchmarks._faults_data import BINARY, CALIBRATION, CLASSES, NUMBERS, REPORT
from benchmarks._faults_plants import ARRAYS, PLANTS, Plant, setups
from scipy.stats import norm

from benchmarks import faults
from netwright.diagnose.finding import Finding, Prescription


def test_the_halves_share_no_set_and_are_of_the_same_kinds():
    assert not CALIBRATION.keys() & REPORT.keys()
    for kind in (CLASSES, BINARY, NUMBERS, ARRAYS):
        shares = [len(half.keys() & set(kind)) for half in (CALIBRATION, REPORT)]
        assert shares[0] == shares[1] > 0


def test_every_fault_stands_in_both_halves():
    planted = {half: Counter() for half in ("calibration", "report")}
    for setup in setups():
        planted[faults.half(setup)][setup.name if setup.plant else "healthy"] += 1
    for name in PLANTS:
        assert min(counts[name] for counts in planted.values()) >= 2
    assert planted["calibration"]["healthy"] == planted["report"]["healthy"] == 54


def test_a_finding_that_names_the_fault_detects_it_and_the_gravest_must_mend_it():
    plant = Plant(controls=("data",), checks=("CK-24",))
    named = Finding("CK-24", "", "found", "", 0.1, Prescription("labels"))
    mends = Finding("CK-3", "", "found", "", 0.5, Prescription("data"))
    other = Finding("CK-1", "", "found", "", 0.9, Prescription("model"))
    assert faults.detected(plant, [named])
    assert faults.detected(plant, [other, mends])
    assert not faults.detected(plant, [other])
    assert faults.right_first(plant, [mends, named])
    assert not faults.right_first(plant, [other, mends])


@pytest.mark.parametrize(("count", "total"), [(1, 10), (58, 61), (0, 5)])
def test_the_interval_of_a_share_is_wilsons(count, total):
    """Its ends p solve (count/total − p)² = z² p (1 − p) / total."""
    told = faults.share(count, total)
    z = norm.ppf(0.95)
    for end in (told["low"], told["high"]):
        assert (count / total - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / total, rel=2e-3, abs=1e-9)
