"""The rows predicted worst are shown as a reader can judge them: texts at length, sequences in figures."""

import numpy as np
import pytest

import netwright as nw
from netwright.report.figures.worst import worst
from netwright.report.material import Material

GENERATOR = np.random.default_rng(0)
Y = np.arange(60) % 2
LONG = "a text that goes on and on " * 5
INPUTS = {
    "texts": [f"{LONG}{i}" for i in range(60)],
    "sequences": [GENERATOR.normal(size=(2 + i % 3, 2)) for i in range(60)],
}


@pytest.mark.parametrize("kind", INPUTS)
def test_what_is_shown(kind):
    ds = nw.Dataset.from_arrays(INPUTS[kind], Y)
    controls = nw.Controls(architecture={"kind": "logistic"}, optimization={"epochs": 1})
    (table,) = worst(Material(nw.fit(ds, controls, progress=False)))
    heads = tuple(table.columns[4:])
    if kind == "texts":
        assert heads == ("text",)
        assert all(row[4].startswith(LONG) for row in table.rows)
    else:
        assert heads[:3] == ("steps", "c0 mean", "c0 spread")
        row = table.rows[0]
        part = INPUTS[kind][int(row[0]) - 1]
        assert (row[4], row[5]) == (str(len(part)), f"{part[:, 0].mean():.6g}")
