"""The learning curve and bias–variance by training: what is measured is what was asked for."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import ControlError, DataError
from netwright.measure.learning_curve import losses_by_size
from netwright.measure.subsets import bootstrap, random_subset


def test_subsets_keep_the_shares_of_classes(run):
    codes = run.prepared.train.y
    for size in (10, 57, 300, len(codes)):
        places = random_subset(run.prepared, size, np.random.default_rng(size))
        assert len(np.unique(places)) == size
        assert abs(codes[places].mean() - codes.mean()) * size <= 1
    drawn = bootstrap(run.prepared, np.random.default_rng(0))
    assert len(drawn) == len(codes)
    assert 0.6 < len(np.unique(drawn)) / len(codes) < 0.67


def test_the_curve_falls_with_rows(make_classes, controls):
    few = nw.Dataset.from_arrays(*make_classes(500), name="few")
    curve = nw.learning_curve(few, controls)
    assert curve.sizes == (21, 43, 87, 175, 350)
    assert [len(found) for found in curve.errors] == [5] * 5
    means = [np.mean(found) for found in curve.errors]
    assert means[0] > means[-1] + 0.02
    assert set(curve.ahead) == {"2", "4", "10"}
    assert curve.ahead["10"].high <= means[-1] + 0.1


def test_each_size_learns_from_as_many_rows_only(run, controls, monkeypatch):
    """Members of a size see that many rows, of their own, tiled to the length of the largest."""
    import netwright.measure.learning_curve as room

    seen = {}
    fit = room.fit_population

    def spy(*args, **kwargs):
        seen.update(kwargs)
        return fit(*args, **kwargs)

    monkeypatch.setattr(room, "fit_population", spy)
    losses = losses_by_size(run.prepared, controls, [20, 40, 80, 160], 2)
    assert [found.shape for found in losses] == [(2, len(run.prepared.dev))] * 4
    assert [len(np.unique(rows)) for rows in seen["rows"]] == [20, 20, 40, 40, 80, 80, 160, 160]
    assert len({frozenset(rows.tolist()) for rows in seen["rows"]}) == 8


def test_a_curve_needs_sizes_seeds_and_dev_rows(bent, controls):
    with pytest.raises(ControlError, match="at least 4 sizes"):
        nw.learning_curve(bent, controls, sizes=[50, 100, 200])
    with pytest.raises(ControlError, match="1,400 training rows"):
        nw.learning_curve(bent, controls, sizes=[50, 100, 200, 1401])
    with pytest.raises(ControlError, match="2 seeds"):
        nw.learning_curve(bent, controls, seeds=1)
    alone = controls.with_setting("data.dev_fraction=0")
    with pytest.raises(DataError, match="no dev rows"):
        nw.bias_variance(bent, alone)


def test_few_rows_have_a_curve_by_default(controls):
    X = np.random.default_rng(0).normal(size=(60, 2))
    few = nw.Dataset.from_arrays(X, (X[:, 0] > 0).astype(int))
    assert nw.learning_curve(few, controls, seeds=2).sizes[0] == 4


def test_bias_and_variance_add_up_to_the_error(bent, line, controls):
    found = nw.bias_variance(bent, controls, members=4)
    assert found.metric == "error"
    assert found.error.estimate == pytest.approx(found.bias.estimate + found.variance.estimate)
    assert found.rows == 300
    found = nw.bias_variance(line, controls, members=4, scheme="subsample")
    assert found.metric == "mse"
    assert found.error.estimate == pytest.approx(found.bias.estimate + found.variance.estimate)
    # In the target's own units: the noise alone has the variance 4.
    assert found.bias.high > 3
    with pytest.raises(ControlError, match="'bootstrap' or 'subsample'"):
        nw.bias_variance(bent, controls, scheme="jackknife")
