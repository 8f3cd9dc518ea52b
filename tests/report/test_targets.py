"""The page of a run of several targets: what it says, drawn in headless Chromium, and that names are text."""

import json

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.core.errors import RunError
from netwright.diagnose.interval import Interval
from netwright.measure.conflict import SHARED
from netwright.measure.negative_transfer import FILE, Gain, Transfer
from netwright.report.document import finite
from netwright.report.targets.transfer import agreement, gains, weights

EVIL = "hours </script><img src=x onerror=alert(1)>"


def transfer():
    """Made by hand: one target harmed by the others, one helped."""
    rows = [
        {
            "epoch": epoch,
            "layer": layer,
            "first": "income",
            "second": EVIL,
            "cosine": -0.4,
            "conflict": 0.9,
            "ratio": 1.5,
        }
        for epoch in (1, 2)
        for layer in ("hidden.0.linear", SHARED)
    ]
    harmed = Gain("income", "error", 0.2, 0.25, Interval(-0.07, -0.05, -0.03))
    helped = Gain(EVIL, "mse", 4.0, 3.0, Interval(0.5, 1.0, 1.5))
    return Transfer("people", (harmed, helped), pl.DataFrame(rows), 3, 2, "fixed", 1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a run of both targets, with what they gain by each other."""
    X = np.random.default_rng(0).normal(size=(80, 2))
    data = nw.Dataset.from_arrays(X, {"income": (X[:, 0] > 0).astype(int), EVIL: X[:, 1]}, name="people")
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(4,)),
        optimization=nw.Optimization(epochs=2, batch_size=16, targets=nw.Targets(weighting="uncertainty")),
    )
    folder = tmp_path_factory.mktemp("targets") / "run"
    run = nw.fit(data, controls, out=folder)
    transfer().save(folder / FILE)
    run.report()
    return folder


def test_the_charts_hold_the_numbers_that_were_measured(folder):
    found = json.loads((folder / FILE).read_text())
    (chart,) = gains(found)
    assert "income: error 25.0\xa0% together, 20.0\xa0% alone, harmed by the others" in chart.summary
    (chart,) = agreement(found)
    assert "After 2 epochs" in chart.summary
    assert "cosine -0.40, opposed in 90%" in chart.summary
    json.dumps(finite(chart.spec), allow_nan=False)
    history = nw.load(folder).history
    (chart,) = weights(history, ["income", EVIL])
    assert chart.summary.startswith("At the end: income ")


def test_the_page_names_who_gains_and_who_loses_and_what_to_do(folder):
    text = (folder / "report.html").read_text()
    assert "income harmed by the others" in text
    assert "set optimization.targets.weighting=pcgrad, and measure again." in text
    assert "<img src=x" not in text


def test_a_damaged_measurement_is_told(folder, tmp_path):
    run = nw.load(folder)
    kept = (folder / FILE).read_text()
    (folder / FILE).write_text('{"gains": []}')
    try:
        with pytest.raises(RunError, match=r"transfer\.json: damaged \('findings' is missing\)"):
            run.report(tmp_path / "page.html")
    finally:
        (folder / FILE).write_text(kept)


def test_every_chart_is_drawn_nothing_is_said_and_nothing_is_fetched(show, folder):
    page = show(folder / "report.html")
    places = page.locator(".canvas").count()
    assert places >= 5
    assert page.locator(".canvas svg").count() == places
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("main script, main img").count() == 0


def test_a_phone_needs_no_sideways_scrolling(show, folder):
    page = show(folder / "report.html", width=360, height=780)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_axe_has_no_serious_finding(show, folder):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = show(folder / "report.html")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    answer = axe.run(page).response
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in answer["violations"]] == []
