"""The harness's statistics, its turns and its table, on sides that only pretend to work."""

import json

import pytest
from benchmarks._harness import Timing, alternate, ratios, row, table

from benchmarks import _harness, defaults


def test_sides_take_turns_and_backwards_every_other_time():
    asked: list[tuple[str, int]] = []

    def pretend(side: str, seconds: float):
        def train(epochs: int) -> float:
            asked.append((side, epochs))
            return seconds * epochs

        return train

    seconds = alternate({"a": pretend("a", 0.5), "b": pretend("b", 2.0)}, rounds=3, round_seconds=1.0)

    assert seconds == {"a": (0.5,) * 3, "b": (2.0,) * 3}
    calibration, turns = asked[:2], asked[2:]
    assert calibration == [("a", 1), ("b", 1)]
    assert turns == [("a", 2), ("b", 1), ("b", 1), ("a", 2), ("a", 2), ("b", 1)]


def test_a_side_that_takes_long_has_one_turn():
    seconds = alternate({"a": lambda epochs: 0.5 * epochs, "slow": lambda epochs: 30.0 * epochs}, rounds=3)

    assert seconds == {"a": (0.5,) * 3, "slow": (30.0,)}


def test_median_and_spread_ignore_one_disturbed_round():
    timing = Timing("a", (1.0, 1.0, 1.2, 1.1, 9.0), {})

    assert timing.median == 1.1
    assert timing.spread == pytest.approx((1.2 - 1.0) / (2 * 1.1))


def test_ratio_is_the_time_over_that_of_the_base():
    timings = [Timing("netwright", (2.0,), {}), Timing("other", (5.0,), {}), Timing("broken", (), {})]

    assert ratios(timings, "netwright") == {"netwright": 1.0, "other": 2.5}
    assert ratios(timings, "broken") == {}


def test_table_and_record_show_ratios_and_why_a_side_is_missing():
    timings = [
        Timing("netwright", (0.002,), {"log_loss": 0.25, "peak_mib": 300.4}),
        Timing("other", (0.005,), {"log_loss": 0.26, "peak_mib": 200.0}),
        Timing("broken", (), {"unavailable": "ImportError: no g++"}),
    ]

    lines = table(timings, steps=100).splitlines()

    assert lines[2] == "| netwright | 0.0020 | 20.0 | ±0% | 1.00 | 0.250 | 300 |"
    assert lines[3] == "| other | 0.0050 | 50.0 | ±0% | 2.50 | 0.260 | 200 |"
    assert "unavailable: ImportError: no g++" in lines[4]
    assert row(timings[1], timings, 100)["ratio"] == 2.5
    assert row(timings[2], timings, 100) == {"side": "broken", "unavailable": "ImportError: no g++"}


def test_record_is_json(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_harness, "RESULTS", tmp_path / "results")

    _harness.record("pretended", {"ratio": 2.5})

    assert json.loads((tmp_path / "results" / "pretended.json").read_text()) == {"ratio": 2.5}


def test_defaults_line_names_the_best_and_judges_by_one_standard_error():
    def side(*errors: float):
        return defaults.summary([{"error": error, "seconds": 1.0} for error in errors])

    other = side(0.09, 0.10, 0.11)
    near, far = side(0.105, 0.105, 0.105), side(0.106, 0.106, 0.106)

    assert other["standard_error"] == pytest.approx(0.01 / 3**0.5)
    assert defaults.line("adult", {"netwright": near, "other": other}).endswith("| other | yes |")
    assert defaults.line("adult", {"netwright": far, "other": other}).endswith("| other | no |")
