import warnings

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError
from netwright.train.order import epoch_order
from netwright.train.symmetry import SymmetryWarning


def test_td6_stops_when_the_cost_changes_by_less_than_the_tolerance(two_classes, plain):
    """TD-6: full-batch descent stops at the first epoch whose cost moved by less than the tolerance."""
    controls = plain(batch_size="full", learning_rate=1.0, tolerance=1e-3)
    controls = controls.with_setting("optimization.epochs=500")
    run = nw.fit(two_classes, controls)
    moved = np.abs(np.diff(run.history["train_loss"].to_numpy()))
    assert 3 < run.history.height < 500
    assert moved[-1] < 1e-3
    assert (moved[:-1] >= 1e-3).all()
    assert run.record["reason"] == "tolerance reached"
    off = nw.fit(two_classes, controls.with_setting("optimization.tolerance=0"))
    assert off.history.height == 500


def test_td7_each_epoch_is_a_permutation_and_a_function_of_seed_and_epoch():
    """TD-7: shuffling each epoch."""
    seen = []
    for seed in (0, 1):
        for epoch in (0, 1, 2):
            order = epoch_order(seed, epoch, 103, 16, shuffle=True)
            assert order.dtype == np.int32
            assert len(order) == 112
            np.testing.assert_array_equal(np.sort(order[:103]), np.arange(103))
            assert (order[103:] == -1).all()
            np.testing.assert_array_equal(order, epoch_order(seed, epoch, 103, 16, shuffle=True))
            seen.append(tuple(order.tolist()))
    assert len(set(seen)) == 6
    still = epoch_order(0, 5, 103, 16, shuffle=False)
    np.testing.assert_array_equal(still[:103], np.arange(103))


@pytest.mark.parametrize("rows", [2, 3, 4, 10, 97, 256, 257, 1000, 65_537])
def test_td7_any_number_of_rows_is_visited_once(rows):
    """TD-7: the digits of the Feistel network need not fit the number of rows."""
    order = np.asarray(epoch_order(5, 3, rows, 1, shuffle=True))
    np.testing.assert_array_equal(np.sort(order), np.arange(rows))


def test_td7_neighbours_part():
    """TD-7: the gaps between rows once side by side are those of a uniform permutation (Kolmogorov–Smirnov)."""
    from scipy import stats  # a test's own oracle

    def gaps(order):
        place = np.argsort(order)
        return np.abs(np.diff(place))

    ours = gaps(np.asarray(epoch_order(3, 1, 20_011, 1, shuffle=True)))
    theirs = gaps(np.random.default_rng(0).permutation(20_011))
    assert stats.ks_2samp(ours, theirs).pvalue > 1e-4


def test_td7_places_of_a_row_are_uniform_over_epochs():
    """TD-7: over 3,000 epochs row 0 stands at each of 10 places alike (χ² at one in a million)."""
    from scipy import stats  # a test's own oracle

    places = [int(np.argmin(np.abs(epoch_order(7, epoch, 10, 3, shuffle=True)))) for epoch in range(3000)]
    assert stats.chisquare(np.bincount(places, minlength=10)).pvalue > 1e-6


def stopping(patience, min_delta=0.0, restore_best=True, epochs=60):
    return nw.Controls(
        architecture=nw.Architecture(hidden=(16,)),
        optimization=nw.Optimization(
            rule="adam", learning_rate=0.03, schedule="constant", batch_size=16, epochs=epochs
        ),
        regularization=nw.Regularization(
            dropout=0.0,
            early_stopping=nw.EarlyStopping(
                patience=patience, min_delta=min_delta, restore_best=restore_best
            ),
        ),
    )


def simulate(dev_loss, patience, min_delta):
    """The definition, on the logged losses: the number of epochs and the best one."""
    best, wait, best_epoch = np.inf, 0, -1
    for epoch, loss in enumerate(dev_loss):
        if loss < best - min_delta:
            best, wait, best_epoch = loss, 0, epoch
        else:
            wait += 1
        if wait >= patience:
            return epoch + 1, best_epoch
    return len(dev_loss), best_epoch


@pytest.fixture(scope="module")
def long(blobs):
    """The same training never stopped: patience beyond its epochs."""
    return nw.fit(blobs, stopping(patience=60)).history["dev_loss"].to_numpy().astype(np.float32)


@pytest.mark.parametrize(("patience", "min_delta"), [(1, 0.0), (5, 0.0), (3, 0.01)])
def test_rg7_patience_and_min_delta(patience, min_delta, blobs, long):
    """RG-7: stops after `patience` epochs without an improvement of more than min_delta; the best is restored.

    The numbers do not depend on when training stops, so the definition on the long run's losses predicts it.
    """
    run = nw.fit(blobs, stopping(patience, min_delta))
    epochs, best = simulate(long, patience, np.float32(min_delta))
    assert epochs < 60
    np.testing.assert_array_equal(run.history["dev_loss"].to_numpy().astype(np.float32), long[:epochs])
    assert run.record["best_epoch"] == best
    assert run.record["reason"] == "early stopping"
    assert run.evaluate("dev")["loss"] == run.history["dev_loss"][best]
    if min_delta == 0:
        assert run.evaluate("dev")["loss"] == run.history["dev_loss"].min()


def test_rg7_without_restoring_the_weights_are_those_at_the_stop(blobs, long):
    """RG-7: restore_best=False keeps the last epoch's weights."""
    run = nw.fit(blobs, stopping(5, restore_best=False))
    assert run.evaluate("dev")["loss"] == run.history["dev_loss"][-1] > run.history["dev_loss"].min()
    assert run.record["best_epoch"] is None


def test_td7_training_and_validation_are_monitored(blobs):
    """TD-7: a row an epoch with loss and metric of train and dev, the learning rate, step and seconds."""
    history = nw.fit(blobs, stopping(5)).history
    assert history.columns == [
        "epoch",
        "step",
        "train_loss",
        "dev_loss",
        "train_accuracy",
        "dev_accuracy",
        "learning_rate",
        "seconds",
    ]
    assert history["epoch"].to_list() == list(range(history.height))
    assert (history["seconds"] > 0).all()


def test_rg7_early_stopping_needs_dev_rows(blobs):
    """RG-7: asked for without a dev split, it is refused with the mend; "auto" then does without."""
    controls = stopping(5).with_setting("data.dev_fraction=0")
    with pytest.raises(ControlError, match=r"no dev rows .*data\.dev_fraction"):
        nw.fit(blobs, controls)


@pytest.mark.parametrize(("kernel", "named"), [("zeros", "hidden.0.linear"), ("normal", None)])
def test_in2_identical_units_are_named(kernel, named, blobs):
    """IN-2: zero initialization is offered and warned against, and the units do stay identical."""
    controls = stopping(5, epochs=2).with_setting(f"initialization.kernel={kernel}")
    if named is None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            nw.fit(blobs, controls)
        return
    with pytest.warns(SymmetryWarning, match=rf"{named} \(16 identical units\)"):
        run = nw.fit(blobs, controls)
    kernel = np.asarray(run.predictor.params["hidden.0.linear.kernel"])
    assert (kernel == kernel[:, :1]).all()


def test_in2_zeros_are_no_fault_without_hidden_units(blobs):
    """IN-2: logistic regression may start at zero: there is no symmetry to break."""
    controls = stopping(5, epochs=2).with_setting("initialization.kernel=zeros")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nw.fit(blobs, controls.replace(architecture=nw.Architecture(kind="logistic")))
