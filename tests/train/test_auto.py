"""Controls chosen for the data."""

import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.core.layout import Layout
from netwright.train.auto import Facts, resolve

SMALL = Facts(rows=500, layout=Layout("table", (10,)), task="binary", dev_rows=100)
LARGE = Facts(rows=50_000, layout=Layout("table", (10,)), task="regression", dev_rows=100)


def says_auto(value):
    if isinstance(value, dict):
        return any(says_auto(v) for v in value.values())
    return value == "auto"


@pytest.mark.parametrize("facts", [SMALL, LARGE, Facts(3, Layout("table", (1,)), "multiclass", dev_rows=0)])
def test_nothing_says_auto_afterwards(facts):
    # The kernel's "auto" follows each layer's own activation; there is no one name for it.
    resolved = resolve(nw.Controls(), facts).model_dump(exclude={"data", "initialization"})
    assert not says_auto(resolved)


def test_what_was_said_stays():
    said = nw.Controls(
        optimization=nw.Optimization(rule="sgd", learning_rate=0.5, epochs=7, batch_size="full"),
        regularization=nw.Regularization(dropout=0.4, weight_decay=0.0, early_stopping=None),
    )
    resolved = resolve(said, SMALL)
    assert resolved.regularization == said.regularization.replace(crop=0)
    assert resolved.optimization.learning_rate == 0.5
    assert (resolved.optimization.rule, resolved.optimization.epochs) == ("sgd", 7)


def test_large_regressions_train_without_dropout():
    assert resolve(nw.Controls(), LARGE).regularization.dropout == 0
    assert resolve(nw.Controls(), SMALL).regularization.dropout > 0


def test_a_schedule_keeps_its_numbers_when_its_kind_is_chosen():
    said = (
        nw.Controls()
        .with_setting("optimization.schedule.warmup=2")
        .with_setting("optimization.schedule.final=1e-5")
    )
    schedule = resolve(said, SMALL).optimization.schedule
    assert (schedule.kind, schedule.warmup, schedule.parameters) == ("cosine", 2.0, {"final": 1e-5})


def test_hidden_layers_of_logistic_regression_are_refused():
    said = nw.Controls(architecture=nw.Architecture(kind="logistic", hidden=(4,)))
    with pytest.raises(ControlError, match="no hidden layer"):
        resolve(said, SMALL)


def test_early_stopping_without_dev_rows_is_refused():
    said = nw.Controls(regularization=nw.Regularization(early_stopping=nw.EarlyStopping()))
    with pytest.raises(ControlError, match="no dev rows"):
        resolve(said, Facts(500, Layout("table", (10,)), "binary", dev_rows=0))


def chosen(shape, rows=51_000, **architecture):
    facts = Facts(rows, Layout("image", shape), "multiclass", dev_rows=100)
    return resolve(nw.Controls(architecture=nw.Architecture(**architecture)), facts)


def test_images_are_convolved_and_moved_a_little():
    found = chosen((28, 28, 1))
    assert (found.architecture.kind, found.architecture.hidden) == ("cnn", (32, 64, 128))
    assert (found.architecture.head, found.architecture.batch_norm) == ((128,), True)
    assert (found.optimization.batch_size, found.optimization.epochs) == (128, 20)
    assert (found.regularization.crop, found.regularization.flip) == (2, "none")


def test_large_images_begin_with_fewer_channels_and_few_pixels_are_a_table():
    assert chosen((128, 96, 3)).architecture.hidden[0] == 16
    for found in (chosen((1, 1, 3)), chosen((28, 28, 1), kind="mlp")):
        assert (found.architecture.kind, found.regularization.crop) == ("mlp", 0)
        assert found.architecture.hidden == (256, 128)
    residual = chosen((32, 32, 3), kind="resnet")
    assert (residual.architecture.hidden, residual.architecture.head) == ((16, 32, 64), ())


def test_sequences_are_read_from_both_ends():
    facts = Facts(270, Layout("sequence", (29, 13), masked=True), "multiclass", dev_rows=100)
    chosen = resolve(nw.Controls(), facts).architecture
    assert (chosen.kind, chosen.hidden, chosen.bidirectional) == ("gru", (128,), True)
    blocks = resolve(nw.Controls(architecture=nw.Architecture(kind="transformer")), facts).architecture
    assert (blocks.hidden, blocks.bidirectional) == ((64, 64), False)


def test_several_inputs_meet_in_one_trunk():
    parts = (Layout("table", (3,)), Layout("image", (8, 8, 1)))
    facts = Facts(500, Layout("several", (67,), parts=parts), "binary", dev_rows=100)
    chosen = resolve(nw.Controls(), facts).architecture
    assert (chosen.kind, chosen.hidden) == ("several", (128,))
