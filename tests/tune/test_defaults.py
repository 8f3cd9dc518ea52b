import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.core.layout import Layout

GENERATOR = np.random.default_rng(0)
ROWS = 40
LABELS = np.arange(ROWS) % 2


def data(kind):
    given = {
        "table": GENERATOR.normal(size=(ROWS, 3)),
        "image": GENERATOR.integers(0, 255, (ROWS, 28, 28), dtype=np.uint8),
        "sequence": GENERATOR.normal(size=(ROWS, 9, 2)).astype(np.float32),
        "text": ["good film", "bad film"] * (ROWS // 2),
        "several": {"a": GENERATOR.normal(size=(ROWS, 3)), "b": ["good film", "bad film"] * (ROWS // 2)},
    }[kind]
    return nw.Dataset.from_arrays(given, LABELS)


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        ("table", set()),
        ("image", {"regularization.crop", "regularization.mixup"}),
        ("sequence", {"optimization.clip_norm"}),
        ("text", set()),
        ("several", set()),
    ],
)
def test_every_kind_of_data_has_a_space_around_its_own_choice(kind, own):
    dataset = data(kind)
    prepared = dataset.prepare(nw.DataControls(), embeddings=True)
    assert isinstance(prepared.encoder.layout, Layout)
    assert prepared.encoder.layout.kind == kind
    space = nw.Space.default(dataset)
    common = {
        "optimization.learning_rate",
        "regularization.weight_decay",
        "regularization.dropout",
        "architecture.hidden",
    }
    assert set(space.dimensions) == common | own
    for share in (0.0, 0.5, 0.999):
        point = {name: dimension.at(share) for name, dimension in space.dimensions.items()}
        assert isinstance(space.controls(nw.Controls(), point), nw.Controls)


def test_labels_of_several_classes_may_be_smoothed(digits):
    assert "regularization.label_smoothing" in nw.Space.default(digits).dimensions


def test_what_the_controls_settle_stays():
    controls = nw.Controls(
        optimization=nw.Optimization(rule="sgd", learning_rate=0.05),
        architecture=nw.Architecture(hidden=(7,)),
    )
    space = nw.Space.default(data("table"), controls)
    assert set(space.dimensions) == {"regularization.weight_decay", "regularization.dropout"}
    with pytest.raises(ControlError, match="found no dimension"):
        nw.Space.default(
            data("table"),
            controls.replace(regularization=nw.Regularization(weight_decay=0.1, dropout=0.1)),
        )
