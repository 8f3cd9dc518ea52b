"""The table of the multi-task benchmark, of cells that only pretend to have been measured."""

from benchmarks import multitask


def test_a_row_a_target_tells_alone_together_and_the_verdict():
    gain = {
        "target": "price",
        "metric": "mse",
        "alone": 2.0,
        "together": 1.5,
        "gain": {"low": 0.25, "estimate": 0.5, "high": 0.75, "confidence": 0.9},
        "verdict": "helped by the others",
    }
    said = multitask.table({"diamonds pcgrad": {"gains": [gain]}})
    assert "| diamonds | pcgrad | price (mse) | 2 | 1.5 | 0.5 (0.25 to 0.75) | helped by the others |" in said
