"""The rows predicted worst are shown as a reader can judge them: texts at length, sequences as lines."""

import numpy as np

import netwright as nw
from netwright.report.figures.worst import worst
from netwright.report.material import Material
from netwright.report.traces import drawn

GENERATOR = np.random.default_rng(0)
Y = np.arange(60) % 2
LONG = "a text that goes on and on " * 5


def shown(X):
    controls = nw.Controls(architecture={"kind": "logistic"}, optimization={"epochs": 1})
    (block,) = worst(Material(nw.fit(nw.Dataset.from_arrays(X, Y), controls, progress=False)))
    return block


def test_texts_stand_there_at_length():
    table = shown([f"{LONG}{i}" for i in range(60)])
    assert tuple(table.columns[4:]) == ("text",)
    assert all(row[4].startswith(LONG) for row in table.rows)


def test_sequences_are_drawn():
    gallery = shown([GENERATOR.normal(size=(2 + i % 3, 2)) for i in range(60)])
    assert gallery.caption == "The dev sequences predicted worst, a line a channel, the highest loss first"
    assert all(picture.address.startswith("data:image/png") for picture in gallery.pictures)


def test_nothing_is_drawn_where_nothing_is_wrong():
    X = [np.full((2 + i % 3, 1), 9.0 * (i % 2)) for i in range(60)]
    controls = nw.Controls(
        architecture={"kind": "logistic"}, optimization={"epochs": 40, "learning_rate": 0.1}
    )
    assert worst(Material(nw.fit(nw.Dataset.from_arrays(X, Y), controls, progress=False))) == []


def test_a_line_goes_through_the_numbers_and_leaves_gaps_open():
    steps = np.array([[0.0], [1.0], [np.nan], [np.nan], [0.0]])
    picture = drawn(steps, np.zeros(1), np.ones(1))
    assert picture.shape == (48, 64)
    assert (picture[47, 0], picture[:4, 15].any(), picture[47, 63]) == (1, True, 1)
    assert not picture[:, 20:60].any()
    assert (picture[:, :15].sum(axis=0) >= 1).all()
