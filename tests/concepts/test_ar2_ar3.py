"""Transfer on real weights and real data: what a backbone knows already need not be learned from labels."""

import os

import numpy as np
import pytest

import netwright as nw
from netwright.data.examples import asset_folder
from netwright.nn.skeleton import split
from netwright.transfer.reading import loaded

ROWS, TEST = 120, 200


def needs(*assets):
    """Skip where an asset was not fetched; CI fetches all."""
    for asset in assets:
        if not list(asset_folder().glob(f"{asset}*")):
            assert os.environ.get("NETWRIGHT_CI") != "1", f"CI fetches it: python scripts/assets.py {asset}"
            pytest.skip(f"needs python scripts/assets.py {asset}")


def few(name, kinds=None):
    """Some rows to learn from, and others to be judged by; of some classes alone, if they are named."""
    whole = nw.example(name)
    labels = whole.labels.labels(np.arange(len(whole)))
    among = np.arange(len(whole)) if kinds is None else np.flatnonzero(np.isin(labels, kinds))
    order = np.random.default_rng(0).permutation(among)
    rows, test = order[:ROWS], order[ROWS : ROWS + TEST]
    X, X_test = (_features(whole, part) for part in (rows, test))
    y, y_test = (whole.labels.labels(part) for part in (rows, test))
    return nw.Dataset.from_arrays(X, y, X_test=X_test, y_test=y_test, name=name)


def _features(whole, rows):
    found = whole.features.take(rows)
    return found["text"].to_list() if hasattr(found, "columns") else found


def accuracy(dataset, **architecture):
    controls = nw.Controls(architecture=nw.Architecture(**architecture))
    return nw.fit(dataset, controls, progress=False).evaluate("test")["accuracy"]


def test_ar2_features_of_a_text_backbone_beat_training_from_scratch():
    """AR-2: MiniLM's features of 120 film reviews tell good from bad where words learned from 120 do not."""
    needs("minilm", "movie_snippets")
    dataset = few("movie_snippets")
    transferred, scratch = accuracy(dataset, backbone="minilm"), accuracy(dataset)
    # Either has a standard error of 3.5 percentage points.
    assert transferred > scratch + 0.05
    assert transferred > 0.65


def test_ar2_features_of_an_image_backbone_tell_drawings_apart():
    """AR-2: EfficientNet-Lite0, trained on photographs, tells emoji of animals from those of food."""
    needs("efficientnet_lite0", "emoji")
    dataset = few("emoji", ["Animals & Nature", "Food & Drink"])
    # Always the larger class is right in 55 %; four standard errors more are 70 %.
    assert accuracy(dataset, backbone="efficientnet_lite0") > 0.7


def test_ar3_fine_tuning_moves_what_is_above_and_leaves_what_is_frozen():
    """AR-3: the upper third of MiniLM trained further, the more the nearer to the head."""
    needs("minilm", "movie_snippets")
    controls = nw.Controls(
        architecture=nw.Architecture(backbone="minilm", transfer="finetune"),
        optimization=nw.Optimization(epochs=2),
        data=nw.DataControls(length=32),
    )
    lower = ("body.stem", *(f"body.blocks.{place}" for place in range(4)))
    run = nw.fit(few("movie_snippets"), nw.transfer.freeze(controls, *lower), progress=False)
    after = run.predictor.params
    _, before, _ = split(loaded("minilm").module)
    loaded("minilm").module.eval()
    moved = {}
    for name, array in before.items():
        group = ".".join(name.split(".")[:2])
        change = float(np.linalg.norm(np.asarray(after[f"body.{name}"]) - np.asarray(array)))
        moved[group] = moved.get(group, 0.0) + change
    assert moved["blocks.5"] > moved["blocks.4"] > 0
    assert all(change == 0 for group, change in moved.items() if group not in ("blocks.4", "blocks.5"))
    assert run.history["train_loss"][-1] < run.history["train_loss"][0]
