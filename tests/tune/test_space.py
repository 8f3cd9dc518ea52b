import json
import pickle
import subprocess
import sys

import pytest

import netwright as nw
from netwright.core.errors import ControlError

RATE = {"optimization.learning_rate": nw.Float(1e-4, 1e-1, log=True)}
CONDITIONAL = nw.Space(
    {
        "optimization.options.beta1": nw.Float(0.8, 0.99, when=("optimization.rule", ("adam", "adamw"))),
        "optimization.rule": nw.Choice(["momentum", "adam", "adamw"]),
        "regularization.weight_decay": nw.Float(1e-4, 1, log=True, when=("optimization.rule", ["adamw"])),
    }
)


def test_the_command_line_writes_ranges_integers_choices_and_conditions():
    space = nw.Space.parse(
        [
            "optimization.learning_rate=1e-4..1e-1:log",
            "architecture.hidden=[64]|[128, 64]",
            "optimization.batch_size=16..256:int,log",
            "architecture.kernel_size=2..5",
            "regularization.dropout=0..1e-1",
            "optimization.rule=momentum|adam",
            "optimization.options.beta1=0.8..0.99 if optimization.rule=adam",
            "optimization.clip_norm=null|1|1e-2",
        ]
    )
    assert dict(space.dimensions) == {
        "optimization.learning_rate": nw.Float(1e-4, 1e-1, log=True),
        "architecture.hidden": nw.Choice([(64,), (128, 64)]),
        "optimization.batch_size": nw.Int(16, 256, log=True),
        "architecture.kernel_size": nw.Int(2, 5),
        "regularization.dropout": nw.Float(0, 0.1),
        "optimization.rule": nw.Choice(["momentum", "adam"]),
        "optimization.options.beta1": nw.Float(0.8, 0.99, when=("optimization.rule", ["adam"])),
        "optimization.clip_norm": nw.Choice([None, 1, 0.01]),
    }


def test_a_yaml_file_says_the_same_nested_or_with_points(tmp_path):
    path = tmp_path / "space.yaml"
    path.write_text(
        """
        loss: [mse, huber]
        optimization:
          learning_rate: 1e-4..1e-1:log
          batch_size: {low: 16, high: 256, log: true}
          rule: [momentum, adam]
        optimization.options.beta1: {low: 0.8, high: 0.99, when: {optimization.rule: [adam]}}
        architecture.hidden: [[64], [128, 64]]
        regularization.weight_decay: {low: 1e-4, high: 1, log: true}
        optimization.schedule: {values: [constant, cosine]}
        """
    )
    assert dict(nw.Space.read(path).dimensions) == {
        "loss": nw.Choice(["mse", "huber"]),
        "optimization.learning_rate": nw.Float(1e-4, 1e-1, log=True),
        "optimization.batch_size": nw.Int(16, 256, log=True),
        "optimization.rule": nw.Choice(["momentum", "adam"]),
        "optimization.options.beta1": nw.Float(0.8, 0.99, when=("optimization.rule", ["adam"])),
        "architecture.hidden": nw.Choice([[64], [128, 64]]),
        "regularization.weight_decay": nw.Float(1e-4, 1, log=True),
        "optimization.schedule": nw.Choice(["constant", "cosine"]),
    }


def test_json_round_trip():
    assert nw.Space.from_json(CONDITIONAL.to_json()) == CONDITIONAL
    assert next(iter(json.loads(CONDITIONAL.to_json()))) == "optimization.rule"


def test_a_space_imports_neither_jax_nor_optuna():
    code = (
        "import sys, netwright as nw; nw.Space.parse(['optimization.learning_rate=1e-4..1e-1:log', 'loss=bce|hinge']); "
        "print([name for name in ('jax', 'optuna', 'sklearn') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def test_a_space_goes_to_other_processes():
    assert pickle.loads(pickle.dumps(CONDITIONAL)) == CONDITIONAL


def test_a_point_becomes_controls():
    space = nw.Space.parse(
        [
            "loss=bce|hinge",
            "architecture.hidden=[64]|[128, 64]",
            "optimization.options.beta1=0.8..0.99",
            "optimization.schedule.kind=step_decay",
            "optimization.schedule.every=1..5",
            "optimization.schedule.factor=0.1..0.9",
            "regularization.early_stopping.patience=2..9",
            "regularization.dropout=0..0.5",
        ]
    )
    base = nw.Controls(optimization=nw.Optimization(rule="adam", epochs=7))
    found = space.controls(
        base,
        {
            "loss": "hinge",
            "architecture.hidden": "[128, 64]",
            "optimization.options.beta1": 0.85,
            "optimization.schedule.kind": "step_decay",
            "optimization.schedule.every": 2,
            "optimization.schedule.factor": 0.5,
            "regularization.early_stopping.patience": 4,
        },
    )
    assert found.loss == "hinge"
    assert found.architecture.hidden == (128, 64)
    assert found.optimization == base.optimization.replace(
        options={"beta1": 0.85}, schedule=nw.Schedule(kind="step_decay", every=2, factor=0.5)
    )
    assert found.regularization.early_stopping == nw.EarlyStopping(patience=4)
    assert found.regularization.dropout == "auto"  # not in the point: as the base has it


def test_a_condition_holds_only_beside_its_values():
    assert next(iter(CONDITIONAL.dimensions)) == "optimization.rule"
    assert not CONDITIONAL.holds("optimization.options.beta1", {"optimization.rule": "momentum"})
    assert CONDITIONAL.holds("optimization.options.beta1", {"optimization.rule": "adam"})
    assert not CONDITIONAL.holds("regularization.weight_decay", {})


@pytest.mark.parametrize(
    ("dimensions", "message"),
    [
        ({}, "found no dimension, expected at least one"),
        ({"optimization.learning_rat": nw.Float(0.1, 1)}, "did you mean 'optimization.learning_rate'"),
        ({"optimisation.epochs": nw.Int(1, 9)}, "did you mean 'optimization.epochs'"),
        ({"optimization.options.beta3": nw.Float(0.1, 0.9)}, "did you mean 'optimization.options.beta"),
        ({"optimization.schedule.factr": nw.Float(0.1, 0.9)}, "did you mean 'optimization.schedule.factor'"),
        ({"optimization": nw.Choice([1])}, "optimization: no such control"),
        ({"data.split_seed": nw.Int(0, 9)}, "decides which rows a trial is judged by"),
        ({"optimization.learning_rate": nw.Float(0, 1)}, r"optimization\.learning_rate: found 0\.0"),
        ({"regularization.dropout": nw.Float(0, 1)}, r"regularization\.dropout: found 1\.0"),
        ({"optimization.batch_size": nw.Float(16, 256)}, r"optimization\.batch_size: found 107\."),
        (
            {"architecture.activation": nw.Choice(["relu", "tahn"])},
            "'tahn' is not known; did you mean 'tanh'",
        ),
        (
            {"optimization.schedule": nw.Choice(["cosine"]), "optimization.schedule.warmup": nw.Float(0, 3)},
            "optimization.schedule.warmup: contradicts the dimension 'optimization.schedule'",
        ),
        (
            {"optimization.options.beta1": nw.Float(0.8, 0.9, when=("optimization.rule", ["adam"]))},
            "only for some values of 'optimization.rule', which is no dimension",
        ),
        (
            RATE | {"regularization.l2": nw.Float(0, 1, when=("optimization.learning_rate", [0.1]))},
            "a range; only a choice can be a condition",
        ),
        (
            {
                "optimization.rule": nw.Choice(["sgd", "adam"]),
                "optimization.options.beta1": nw.Float(0.8, 0.9, when=("optimization.rule", ["adamw"])),
            },
            "optimization.rule is 'adamw', which it never is",
        ),
        (
            {
                "architecture.activation": nw.Choice(["relu"], when=("architecture.kind", ["mlp"])),
                "architecture.kind": nw.Choice(["mlp"], when=("architecture.activation", ["relu"])),
            },
            "in a circle",
        ),
    ],
)
def test_an_impossible_space_is_told(dimensions, message):
    with pytest.raises(ControlError, match=message) as error:
        nw.Space(dimensions)
    assert str(error.value).count("\n") <= 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("optimization.learning_rate", "expected low..high"),
        ("optimization.learning_rate=", "expected low..high"),
        (
            "optimization.learning_rate=1e-1..1e-4:log",
            "optimization.learning_rate: Float: found the range 0.1 … 0.0001",
        ),
        ("optimization.learning_rate=0..1:log", "with log, which needs bounds above 0"),
        ("optimization.learning_rate=0.1..1:lgo", "found ':lgo' after a range"),
        ("optimization.learning_rate=0.1..x", "the bound 'x'"),
        ("regularization.l2=0..1 if optimization.rule", "found the condition 'optimization.rule'"),
        ("architecture.hidden=[64]|[0]", "a width is below 1"),
    ],
)
def test_a_text_that_is_none_is_told(text, message):
    with pytest.raises(ControlError, match=message):
        nw.Space.parse([text])


def test_a_name_given_twice_is_told(tmp_path):
    with pytest.raises(ControlError, match="'loss' was given before"):
        nw.Space.parse(["loss=bce|hinge", "loss=bce"])
    path = tmp_path / "space.yaml"
    path.write_text("optimization: {epochs: 1..3}\noptimization.epochs: 1..4\n")
    with pytest.raises(ControlError, match=r"'optimization\.epochs' was given before"):
        nw.Space.read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "is not YAML or JSON"),
        ("[1, 2]", "found list, expected dimensions by name"),
        ("optimization.epochs: 3", "found 3, expected a range"),
        ("optimization.learning_rate: {low: 1, high: 0.1}", "expected the lower bound first"),
        ("optimization.learning_rate: {low: 1, hihg: 2}", "found"),
        ("", "found NoneType"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, message):
    path = tmp_path / "space.yaml"
    path.write_text(content)
    with pytest.raises(ControlError, match=message) as error:
        nw.Space.read(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ControlError, match=r"nothing\.yaml: cannot be read"):
        nw.Space.read(tmp_path / "nothing.yaml")


def test_a_point_that_is_not_of_the_space_is_told():
    with pytest.raises(ControlError, match=r"did you mean 'optimization\.learning_rate'"):
        nw.Space(RATE).controls(nw.Controls(), {"optimization.lerning_rate": 0.1})
    with pytest.raises(ControlError, match=r"optimization\.rule: found 'sgd', expected one of"):
        CONDITIONAL.controls(nw.Controls(), {"optimization.rule": "sgd"})
