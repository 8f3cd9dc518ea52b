"""``--backbone`` and ``--transfer``, and what the report says of the gain."""

import json
from pathlib import Path

import numpy as np
import pytest

import netwright as nw

BERT = Path(__file__).parents[1] / "transfer" / "golden" / "bert"
WORDS = ("the", "words", "box", "and", "do", "as")


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    generator = np.random.default_rng(0)
    lines = ["review,label"]
    for _ in range(90):
        text = " ".join(generator.choice(WORDS, 6))
        lines.append(f"{text},{'yes' if 'box' in text else 'no'}")
    path = tmp_path_factory.mktemp("data") / "reviews.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("transfer", ["features", "finetune"])
def test_fit_predict_and_report_with_a_backbone(transfer, say, reviews, tmp_path):
    """AR-2 and AR-3 from the command line."""
    run = tmp_path / "run"
    words = ("--target", "label", "--text", "review", "--backbone", BERT, "--transfer", transfer)
    result = say("fit", reviews, *words, "--out", run, "--set", "optimization.epochs=2")
    assert result.exit_code == 0, result.stderr
    assert nw.load(run).controls.architecture.transfer == transfer
    result = say("predict", run, reviews)
    assert result.exit_code == 0, result.stderr
    if transfer == "features":
        result = say("report", run, "--gain")
        assert result.exit_code == 0, result.stderr
        gain = json.loads((run / "gain.json").read_text())
        assert gain["sizes"] == [50, nw.load(run).record["rows"]["train"]]
        page = (run / "report.html").read_text()
        assert "Transfer over the number of training rows" in page
        assert "on the backbone&#39;s features" in page


def test_a_transfer_of_nothing_is_refused(say, reviews):
    result = say("fit", reviews, "--target", "label", "--transfer", "finetune")
    assert result.exit_code != 0
    assert "--transfer finetune: of what? Name a pretrained network by --backbone" in result.stderr
