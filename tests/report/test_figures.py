"""The figure families: each draws what the material holds, says its numbers, and is silent about what is absent."""

import json

import numpy as np
import polars as pl
import pytest

from netwright.core import catalog
from netwright.report.document import finite
from netwright.report.figures.checks import checks
from netwright.report.figures.flow import activations, gradients
from netwright.report.figures.proven import proofs_in
from netwright.report.figures.shift import shift
from netwright.report.figures.sizes import sizes
from netwright.report.material import Material
from netwright.report.page import SECTIONS
from netwright.report.verdict import headline, next_steps

FAMILIES = [family for *_, families in SECTIONS for family in families]


@pytest.fixture(scope="module")
def told(evil, made_diagnosis):
    return Material(evil, made_diagnosis())


def test_every_file_of_figures_is_on_the_page():
    used = {family.__module__.rpartition(".")[2] for family in FAMILIES}
    assert set(catalog.names("report.figures")) <= used


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
@pytest.mark.parametrize("run", ["evil", "seen_digits", "numbers"])
def test_charts_are_plain_data_with_their_numbers_in_words(family, run, request, made_diagnosis):
    for material in (
        Material(request.getfixturevalue(run)),
        Material(request.getfixturevalue(run), made_diagnosis()),
    ):
        for block in family(material):
            if block.kind == "plot":
                json.dumps(finite(block.spec), allow_nan=False)
                assert block.spec["width"] == "container"
                assert block.summary.endswith(".")
            if block.kind == "table":
                assert all(len(row) == len(block.columns) for row in block.rows)
                assert all(isinstance(cell, str) for row in block.rows for cell in row)


def test_every_figure_of_a_diagnosis_may_be_absent(evil, made_diagnosis):
    whole = made_diagnosis().figures
    for name in whole:
        bare = Material(evil, made_diagnosis(figures={name: {}}))
        for family in FAMILIES:
            family(bare)


def test_the_headline_names_the_largest_term_only_when_it_is_told_apart(evil, made_diagnosis, told):
    assert "cannot be told apart" in headline(told)
    assert "at most 12.1\xa0%" in headline(told)
    budget = made_diagnosis().budget
    kept = tuple(term for term in budget.terms if term.name != "optimization")
    clear = made_diagnosis(budget=type(budget)(budget.metric, budget.errors, kept))
    assert "is estimation, 3.1\xa0% [2.4\xa0%, 3.9\xa0%]" in headline(Material(evil, clear))
    assert "has not been measured" in headline(Material(evil))


def test_what_to_do_next_is_a_command_to_copy(evil, told):
    [*_, command, _] = next_steps(told)
    assert command.text.startswith("netwright fit '")
    assert command.text.endswith("--set regularization.dropout=0.4")
    [_, measure] = next_steps(Material(evil))
    assert measure.text.startswith("netwright diagnose ")


def test_findings_stand_by_status_and_the_quiet_ones_are_folded(told):
    note, found, healthy, silent = checks(told)
    assert note.text == "Of 6 checks 2 found something, 3 saw nothing wrong, 1 lacked the evidence."
    assert [row[0] for row in found.rows] == ["CK-23 variance is the largest term", "CK-28 class imbalance"]
    assert (found.folded, healthy.folded, silent.folded) == (False, True, True)


def test_an_unidentified_limit_of_the_learning_curve_has_no_band(evil, made_diagnosis):
    figures = made_diagnosis().figures
    assert "leads to c = 11.8\xa0%" in sizes(Material(evil, made_diagnosis()))[0].summary
    figures["learning_curve"] |= {"identified": False, "reason": "too few sizes"}
    plot = sizes(Material(evil, made_diagnosis(figures=figures)))[0]
    assert "is not identified: too few sizes" in plot.summary
    assert "mark_rect" not in json.dumps(plot.spec)


def test_shift_names_its_columns(told):
    verdict, harm, joint, features = shift(told)
    assert "have shifted" in verdict.text
    assert "0.4\xa0%" in harm.text
    assert joint.rows[0][-1] == "yes"
    assert [row[0] for row in features.rows] == ["native-country", "age"]


def test_depth_and_time_are_binned_in_order_of_depth(evil):
    material = Material(evil)
    steps = np.repeat(np.arange(0, 5000, 10), 2)
    material.trace = pl.DataFrame(
        {
            "step": steps,
            "layer": ["z first", "a last"] * 500,
            "grad_norm": [1e-3, 10.0] * 500,
            "update_ratio": [1e-3, float("nan")] * 500,
            "dead_fraction": [0.5, float("nan")] * 500,
            "saturated_fraction": [0.0, 0.0] * 500,
        }
    )
    norm, update = gradients(material)
    assert (
        norm.summary
        == "At the end 0.001 in z first, nearest the input, and 10 in a last, nearest the output."
    )
    [rows] = norm.spec["datasets"].values()
    assert len(rows) <= 2 * 48
    assert norm.spec["encoding"]["y"]["scale"]["domain"] == ["z first", "a last"]
    assert "z first" in update.summary
    dead, saturated = activations(material)
    assert dead.summary == "At most 50.0\xa0%, in z first."
    assert saturated.text == "Saturated units: none."


def test_proofs_are_found_however_deep(proof):
    story = {"steps": [{"details": {"proof": proof}}, {"details": {"proof": None}}], "more": [[proof]]}
    assert list(proofs_in(story)) == [proof, proof]
    assert list(proofs_in({})) == []
