import json

import pytest
import yaml
from pydantic import ValidationError

import netwright as nw
from netwright.core.errors import ControlError

EVERYTHING = nw.Controls(
    loss="huber",
    architecture=nw.Architecture(kind="mlp", hidden=(7, 3), activation="elu", batch_norm=True),
    initialization=nw.Initialization(kernel="normal", scale=0.3, bias=0.1),
    optimization=nw.Optimization(
        rule="nesterov",
        options={"beta": 0.8, "lookahead": "unscaled"},
        learning_rate=0.01,
        schedule=nw.Schedule(kind="step_decay", warmup=1.5, factor=0.5, every=3),
        batch_size="full",
        epochs=9,
        clip_norm=1.0,
        clip_value=2.0,
        tolerance=1e-4,
        precision="mixed",
    ),
    regularization=nw.Regularization(
        l1=0.1,
        l2=0.2,
        weight_decay=0.3,
        dropout=0.4,
        dropout_scaling="inference",
        label_smoothing=0.05,
        early_stopping=nw.EarlyStopping(patience=3, min_delta=0.01, restore_best=False),
    ),
    data=nw.DataControls(normalize="minmax", class_weight={"a": 2.0}, dev_fraction=0.2, split="group"),
)


@pytest.mark.parametrize("controls", [nw.Controls(), EVERYTHING], ids=["auto", "everything"])
def test_json_and_yaml_round_trip(controls, tmp_path):
    assert nw.Controls.from_json(controls.to_json()) == controls
    assert nw.Controls(**yaml.safe_load(controls.to_yaml())) == controls
    for name, text in {"c.json": controls.to_json(), "c.yaml": controls.to_yaml()}.items():
        (tmp_path / name).write_text(text)
        assert nw.Controls.from_file(tmp_path / name) == controls


def test_a_file_may_leave_out_groups_and_fields(tmp_path):
    (tmp_path / "c.yaml").write_text("optimization:\n  epochs: 3\n  schedule: cosine\n")
    controls = nw.Controls.from_file(tmp_path / "c.yaml")
    assert controls == nw.Controls(
        optimization=nw.Optimization(epochs=3, schedule=nw.Schedule(kind="cosine"))
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("optimization.epochs=20", 20),
        ("optimization.learning_rate=1e-3", 0.001),
        ("optimization.batch_size=full", "full"),
        ("architecture.hidden=[8, 4]", (8, 4)),
        ("architecture.batch_norm=true", True),
        ("optimization.options.beta=0.5", 0.5),
        ("optimization.options.beta=5e-1", 0.5),
        ("optimization.schedule.kind=cosine", "cosine"),
        ("regularization.early_stopping.patience=4", 4),
        ("regularization.early_stopping=null", None),
        ("regularization.early_stopping=", None),
        ("loss=mae", "mae"),
    ],
)
def test_set(setting, value):
    found = nw.Controls().with_setting(setting)
    for part in setting.partition("=")[0].split("."):
        found = found[part] if isinstance(found, dict) else getattr(found, part)
    assert found == value
    assert type(found) is type(value)


def test_set_keeps_the_other_controls():
    changed = EVERYTHING.with_setting("optimization.schedule.every=5")
    assert changed.optimization.schedule.parameters == {"factor": 0.5, "every": 5.0}
    assert changed.with_setting("optimization.schedule.every=3") == EVERYTHING


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("optimization.lerning_rate=1", "did you mean 'learning_rate'"),
        ("optimisation.epochs=1", "did you mean 'optimization'"),
        ("optimization.rule=adma", "did you mean 'adam'"),
        ("optimization.schedule=cosin", "did you mean 'cosine'"),
        ("architecture.activation=rellu", "did you mean 'relu'"),
        ("architecture.kind=mpl", "did you mean 'mlp'"),
        ("initialization.kernel=xavier", "did you mean 'xavier"),
        ("loss=bec", "did you mean 'bce'"),
        ("architecture.hidden=[8, 0]", "at least 1 unit"),
        ("architecture.hidden=wide", "architecture.hidden: found 'wide'"),
        ("optimization.epochs=0", "optimization.epochs: found 0"),
        ("optimization.epochs=2.5", "optimization.epochs: found 2.5"),
        ("optimization.batch_size=half", "optimization.batch_size: found 'half'"),
        ("optimization.learning_rate=-1", "optimization.learning_rate: found -1"),
        ("optimization.learning_rate=.nan", "optimization.learning_rate: found nan"),
        ("optimization.learning_rate=.inf", "optimization.learning_rate: found inf"),
        ("optimization.clip_norm=0", "optimization.clip_norm: found 0"),
        ("optimization.tolerance=-1", "optimization.tolerance: found -1"),
        ("optimization.schedule.warmup=-1", "schedule.warmup: found -1"),
        ("optimization.schedule.every=often", "schedule.every: found 'often'"),
        ("regularization.l1=-0.1", "regularization.l1: found -0.1"),
        ("regularization.l2=strong", "regularization.l2: found 'strong'"),
        ("regularization.dropout=1", "regularization.dropout: found 1"),
        ("regularization.dropout_scaling=both", "regularization.dropout_scaling: found 'both'"),
        ("regularization.label_smoothing=1.5", "regularization.label_smoothing: found 1.5"),
        ("regularization.early_stopping.patience=0", "early_stopping.patience: found 0"),
        ("data.dev_fraction=1", "data.dev_fraction: found 1"),
        ("data.split_seed=-1", "data.split_seed: found -1"),
        ("optimization=3", "optimization: found 3"),
        ("optimization.options.beta=nan", "optimization.options.beta: found nan"),
        ("epochs", "expected group.name=value"),
        (".epochs=3", "expected group.name=value"),
        ("optimization.epochs=[1,", "is not YAML"),
    ],
)
def test_a_bad_setting_is_one_clear_line(setting, said):
    with pytest.raises(ControlError) as caught:
        nw.Controls().with_setting(setting)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"optimization: [1, 2", "is not YAML or JSON"),
        (b"\xff\xfe\x00", "is not YAML or JSON"),
        (b"- 1\n- 2\n", "found list, expected groups"),
        (b"", "found NoneType, expected groups"),
        (b"optimization:\n  epoch: 3\n", "did you mean 'epochs'"),
        (b"regularisation: {}\n", "did you mean 'regularization'"),
        (b"3: 4\n", "no such control"),
    ],
)
def test_a_bad_file_is_one_clear_line_that_names_it(content, said, tmp_path):
    path = tmp_path / "controls.yaml"
    path.write_bytes(content)
    with pytest.raises(ControlError, match=r"controls\.yaml") as caught:
        nw.Controls.from_file(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ControlError, match=r"none\.yaml: cannot be read"):
        nw.Controls.from_file(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["{", "[1]", "3"])
def test_bad_json_text(text):
    with pytest.raises(ControlError, match="JSON"):
        nw.Controls.from_json(text)


def test_controls_are_immutable_and_compared_by_value():
    controls = nw.Controls()
    with pytest.raises(ValidationError, match="frozen"):
        controls.loss = "mse"
    assert controls == nw.Controls() != EVERYTHING


def test_replace_validates_again():
    with pytest.raises(ControlError, match="epochs"):
        nw.Optimization().replace(epochs=-3)


def test_json_is_plain():
    assert json.loads(EVERYTHING.to_json())["optimization"]["schedule"] == {
        "kind": "step_decay",
        "warmup": 1.5,
        "factor": 0.5,
        "every": 3.0,
    }
