import pytest

import netwright as nw
from netwright.train import compile_cache

NUMBERS = [
    "optimization.learning_rate=0.005",
    "optimization.options.beta1=0.5",
    "optimization.schedule.factor=0.9",
    "optimization.schedule.every=1",
    "regularization.l2=0.3",
    "regularization.dropout=0.5",
    "regularization.early_stopping.patience=2",
    "regularization.early_stopping.min_delta=0.1",
    "optimization.epochs=3",
    "initialization.scale=null",
]


@pytest.fixture(scope="module", autouse=True)
def compiled(blobs, controls, run):
    """Programs of the training shared with other files may have been forgotten since."""
    nw.fit(blobs, controls, seed=1)


@pytest.mark.parametrize("setting", NUMBERS)
def test_a_number_compiles_nothing(setting, blobs, controls, run, compilations):
    changed = controls.with_setting(setting)
    assert compilations.during(lambda: nw.fit(blobs, changed, seed=1)) == 0


def test_an_equal_training_compiles_nothing_also_with_another_seed_or_other_data(
    blobs, controls, run, compilations
):
    assert compilations.during(lambda: nw.fit(blobs, controls, seed=1)) == 0
    assert compilations.during(lambda: nw.fit(blobs, controls, seed=99)) == 0
    features, labels = blobs.features.content, blobs.labels.values
    other = nw.Dataset.from_arrays(features[::-1] * 2 + 1, 1 - labels[::-1])
    assert compilations.during(lambda: nw.fit(other, controls)) == 0


def test_predicting_and_evaluating_again_compile_nothing(blobs, controls, run, compilations):
    X = blobs.features.content
    run.predict(X)
    run.evaluate("dev")
    second = nw.fit(blobs, controls, seed=2)
    assert compilations.during(lambda: (second.predict(X), second.evaluate("dev"))) == 0
    assert compilations.during(lambda: second.predict(X[:100])) == 0  # padded to the same power of two


def test_a_change_of_structure_does_compile(blobs, controls, run, compilations):
    """The counter counts: another width needs programs of its own."""
    wider = controls.with_setting("architecture.hidden=[7, 4]").with_setting("optimization.epochs=1")
    assert compilations.during(lambda: nw.fit(blobs, wider)) >= 3


def test_programs_are_forgotten_before_the_memory_maps_run_out(
    blobs, controls, run, identical, monkeypatch, tmp_path
):
    few = tmp_path / "max_map_count"
    few.write_text("200")
    monkeypatch.setattr(compile_cache, "LIMIT", few)
    before = compile_cache.MAPS.read_bytes().count(b"\n")
    again = nw.fit(blobs, controls, seed=1)
    after = compile_cache.MAPS.read_bytes().count(b"\n")
    assert after <= before
    identical(again, run)
