"""The page itself: whole, small, escaped, complete; it needs no browser to be judged."""

import dataclasses
import json
import re
import subprocess
import sys

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import RunError, TrainingError
from netwright.data.origin import reopen
from netwright.report.command import fit_command
from netwright.report.document import finite
from netwright.report.figures.worst import images
from netwright.report.shares import wilson
from netwright.report.thumbnail import address
from netwright.report.words import amount, distinct

LIMIT = 3_000_000


def sections(path):
    return re.findall(r'<section id="(\w+)"', path.read_text())


def charts(path):
    found = re.search(r'<script type="application/json" id="charts">(.*?)</script>', path.read_text(), re.S)
    return json.loads(found[1])["charts"]


@pytest.mark.parametrize("name", ["evil", "digits", "numbers"])
def test_the_page_is_one_small_file(pages, name):
    text = pages[name].read_text()
    assert pages[name].stat().st_size < LIMIT
    markup = re.sub(r"(<script[^>]*>).*?</script>", r"\1", text, flags=re.DOTALL)
    assert not re.search(r'<(?:script|img|link|iframe)[^>]*\b(?:src|href)\s*=\s*"(?!data:)', markup)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe-eval" not in policy


def test_the_sections_of_a_diagnosis_come_verdict_first(pages):
    order = ["verdict", "next", "training", "inside", "data", "shift", "predictions", "checks", "reproduce"]
    assert sections(pages["evil"]) == order
    assert sections(pages["digits"]) == ["next", "training", "inside", "predictions", "reproduce"]


def test_a_network_that_broke_still_has_a_page(tmp_path):
    X = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    wild = nw.Controls().with_setting("optimization.learning_rate=1e6").with_setting("optimization.rule=sgd")
    with pytest.raises(TrainingError) as broken:
        nw.fit(nw.Dataset.from_arrays(X, X[:, 0]), wild, progress=False)
    run = broken.value.run
    run.predictor = dataclasses.replace(
        run.predictor, params={name: np.inf * array for name, array in run.predictor.params.items()}
    )
    path = run.report(tmp_path / "report.html")
    assert "outputs on them are not finite" in path.read_text()
    with pytest.raises(RunError, match=r"broke in its first epoch .*; lower optimization\.learning_rate"):
        run.diagnose()


def test_names_of_the_data_end_no_element_and_no_string(pages):
    text = pages["evil"].read_text()
    assert "<script>alert(1)" not in text
    assert "<img src=x" not in text
    assert "<!-- no" not in text
    assert "\u2028" not in re.search(r'id="charts">(.*?)</script>', text, re.S)[1]
    rows = [
        row for spec in charts(pages["evil"]).values() for one in spec["datasets"].values() for row in one
    ]
    labels = {row.get("truth") for row in rows}
    assert "<!-- no" in labels


def test_no_name_of_the_data_is_a_field_or_an_expression(pages):
    def words(value, key=""):
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in ("datasets", "domain", "title"):
                    yield from words(inner, name)
        elif isinstance(value, list):
            for inner in value:
                yield from words(inner, key)
        elif isinstance(value, str):
            yield value

    for spec in charts(pages["evil"]).values():
        for word in words(spec):
            assert not any(evil in word for evil in ("alert", "a.b[", "Rome", "Oslo", "<!--")), word


def test_a_struck_candidate_is_shown_struck_and_an_unknown_term_as_such(pages):
    text = pages["evil"].read_text()
    assert "<s>Cover–Hart, learned features</s>" in text
    assert "<s>Cover–Hart, raw inputs</s>" not in text
    assert "approximation: not identified" in json.dumps(charts(pages["evil"]), ensure_ascii=False)


def test_the_prescription_is_a_command_that_trains_it(evil, made_diagnosis):
    diagnosis = made_diagnosis()
    command = fit_command(evil.record, evil.controls, diagnosis.prescription.settings)
    settings = re.findall(r"--set (?:'([^']*)'|(\S+))", command)
    controls = nw.Controls()
    for quoted, plain in settings:
        controls = controls.with_setting(quoted or plain)
    wanted = evil.controls.with_setting("regularization.dropout=0.4")
    assert controls == wanted
    assert command.rstrip().endswith("regularization.dropout=0.4")


def test_data_made_in_memory_is_reproduced_in_python(numbers):
    run = numbers
    record = run.record | {"data": run.record["data"] | {"origin": None}}
    text = fit_command(record, run.controls)
    found = {}
    exec(text.rpartition("\n")[0], found)
    assert found["controls"] == run.controls


def test_a_stored_diagnosis_and_the_improvement_around_a_run_are_read(evil, made_diagnosis, proof, tmp_path):
    folder = tmp_path / "improved" / "best-3"
    evil_copy = nw.load(evil.path)
    evil_copy.save(folder)
    (folder / "diagnosis.json").write_text(json.dumps(made_diagnosis().to_json()))
    step = {
        "kind": "prove",
        "text": "dropout: kept",
        "error": 0.1,
        "seconds": 3.0,
        "details": {"proof": proof},
    }
    story = {
        "runs": {"start": "start", "run": "best-3"},
        "steps": [step],
        "adopted": ["a=1"],
        "reason": "done",
    }
    ends = {
        name: dataclasses.asdict(made_diagnosis().budget.errors["dev"]) for name in ("start_error", "error")
    }
    (tmp_path / "improved" / "improvement.json").write_text(json.dumps(story | ends))
    path = nw.load(folder).report()
    assert path == folder / "report.html"
    assert {"verdict", "proven", "checks"} <= set(sections(path))
    assert "dropout: kept" in path.read_text()
    story["runs"]["run"] = "another"
    (tmp_path / "improved" / "improvement.json").write_text(json.dumps(story))
    assert "proven" not in sections(nw.load(folder).report())


def test_a_damaged_diagnosis_is_named(evil, tmp_path):
    run = nw.load(evil.path)
    run.save(tmp_path / "run")
    for content in ("{", "[]", '{"version": 1}'):
        (tmp_path / "run" / "diagnosis.json").write_text(content)
        with pytest.raises(RunError, match=r"diagnosis\.json"):
            nw.load(tmp_path / "run").report()


def test_a_run_without_its_data_says_what_is_left_out(seen_digits, tmp_path):
    run = seen_digits
    run.save(tmp_path / "run")
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    record["data"]["origin"] = None
    (tmp_path / "run" / "run.json").write_text(json.dumps(record))
    path = nw.load(tmp_path / "run").report()
    assert sections(path) == ["next", "training", "inside", "reproduce"]
    assert "was not read from a file" in path.read_text()


def test_the_test_set_stays_closed(evil, tmp_path):
    before = evil.record.get("test_openings", 0)
    evil.report(tmp_path / "r.html")
    assert evil.record.get("test_openings", 0) == before


def test_an_unsaved_run_needs_a_path(numbers):
    with pytest.raises(RunError, match="expected a path"):
        numbers.report()


def test_images_are_found_by_shape_or_by_the_names_of_their_columns():
    digits = reopen({"example": "digits"})
    names = [column.name for column in digits.features.columns()]
    flat = digits.features.take(np.arange(2))
    np.testing.assert_array_equal(images(flat, names), flat.reshape(2, 8, 8))
    shuffled = np.random.default_rng(0).permutation(64)
    np.testing.assert_array_equal(
        images(flat[:, shuffled], [names[i] for i in shuffled]), flat.reshape(2, 8, 8)
    )
    assert images(flat, [*names[:-1], "weight"]) is None
    assert images(flat[:, :63], names[:63]) is None
    assert images(np.zeros((2, 5, 6)), ["x"]).shape == (2, 5, 6)
    assert images(np.zeros((2, 5, 6, 3)), ["x"]).shape == (2, 5, 6, 3)
    assert images(np.zeros((2, 5, 6, 2)), ["x"]) is None


@pytest.mark.parametrize("shape", [(8, 8), (5, 9, 3), (200, 100)])
def test_a_thumbnail_is_a_png_of_the_right_size(shape, visit_blank):
    image = np.random.default_rng(0).normal(size=shape)
    image[0, 0] = np.nan
    step = max(1, -(-max(shape[:2]) // 64))
    size = visit_blank(address(image, -2, 2))
    assert size == [-(-shape[1] // step), -(-shape[0] // step)]


def test_wilson_is_the_closed_form():
    z, n, p = 1.6448536269514722, 27, 2 / 27
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    found = wilson(2, 27)
    np.testing.assert_allclose([found.low, found.estimate, found.high], [centre - half, p, centre + half])


def test_numbers_in_words():
    assert [amount(v, "error") for v in (0, 0.1234, 0.00012, None)] == [
        "0.0\xa0%",
        "12.3\xa0%",
        "0.012\xa0%",
        "?",
    ]
    assert [amount(v) for v in (0.5, 12345.6, 1e-7, float("nan"))] == ["0.5", "12,346", "1.00e-07", "?"]
    assert distinct(["a" * 40, "a" * 40, "", None], 10) == [
        "a" * 9 + "…",
        "a" * 9 + "… (2)",
        "(empty)",
        "(missing)",
    ]
    assert finite({1: [float("inf"), np.float32(2)]}) == {"1": [None, 2.0]}


def test_importing_netwright_imports_no_plotting():
    code = "import netwright, sys; print({'altair', 'vl_convert', 'jinja2'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
