"""Structure: what trials must have in common to be trained as one program."""

import pytest

from netwright.core.errors import ControlError
from netwright.measure.trial import structure
from netwright.train.cohort import Cohort

NUMBERS = [
    "optimization.learning_rate=0.5",
    "optimization.options.beta1=0.5",
    "optimization.schedule.factor=0.9",
    "optimization.schedule.every=1",
    "regularization.l2=0.3",
    "regularization.dropout=0.5",
    "regularization.early_stopping.patience=2",
    "regularization.early_stopping.min_delta=0.1",
]
STRUCTURES = [
    "optimization.batch_size=8",
    "optimization.epochs=6",
    "optimization.options.beta2=0.9",
    "optimization.schedule.warmup=1",
    "regularization.early_stopping=null",
    "architecture.hidden=[5]",
]


@pytest.fixture(scope="module")
def base(controls):
    named = "regularization.early_stopping={patience: 4}", "optimization.options={beta1: 0.8}"
    for setting in (*named, "optimization.schedule={kind: step_decay, factor: 0.5, every: 3}"):
        controls = controls.with_setting(setting)
    return controls


@pytest.mark.parametrize("setting", NUMBERS)
def test_numbers_are_of_one_structure_and_train_together(setting, base, line):
    other = base.with_setting(setting)
    assert structure(other) == structure(base)
    assert len(Cohort(line, [base, other], seeds=[0, 1])) == 2


@pytest.mark.parametrize("setting", STRUCTURES)
def test_structures_differ_and_are_refused_together(setting, base, line):
    other = base.with_setting(setting)
    assert structure(other) != structure(base)
    with pytest.raises(ControlError):
        Cohort(line, [base, other], seeds=[0, 1])
