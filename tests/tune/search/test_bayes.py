import numpy as np
import optuna
import pytest
from optuna.trial import TrialState
from scipy import integrate, stats

import netwright as nw
from netwright.core import catalog
from netwright.tune.search._cube import Cube
from netwright.tune.search._gaussian_process import Belief, fitted_kernel, log_improvement
from netwright.tune.search.bayes import MOST, _most_telling, standardized

LINE = nw.Space({"regularization.dropout": nw.Float(0, 0.9)})


def ended(values):
    return [
        optuna.trial.create_trial(
            value=value,
            state=TrialState.FAIL if value is None else TrialState.COMPLETE,
            params={},
            distributions={},
        )
        for value in values
    ]


@pytest.mark.parametrize("z", [-9.0, -3.0, -1.0, -0.5, 0.0, 2.0, 7.0])
def test_the_log_improvement_is_the_integral(z):
    # E[max(0, z − ξ)], ξ ~ N(0, 1), written over t = z − ξ > 0.
    found, _ = integrate.quad(
        lambda t: t * stats.norm.pdf(z - t), 0, max(z, 0) + 12, epsabs=0, epsrel=1e-11, limit=400
    )
    assert log_improvement(np.array([z]))[0] == pytest.approx(np.log(found), rel=1e-8)


def test_the_log_improvement_has_no_steps_and_no_underflow():
    z = -np.logspace(-2, 7, 4000)
    found = log_improvement(z)
    assert np.isfinite(found).all()
    assert (np.diff(found) < 0).all()
    assert log_improvement(np.array([-1e6]))[0] == pytest.approx(
        -0.5e12 - 0.5 * np.log(2 * np.pi) - 2 * np.log(1e6)
    )


def test_the_belief_is_the_posterior_of_a_gaussian_process():
    """Oracle: the closed form, Rasmussen and Williams (2006), algorithm 2.1, in NumPy."""
    generator = np.random.default_rng(0)
    x = generator.random((12, 2))
    y = np.sin(5 * x[:, 0]) + 0.1 * generator.normal(size=12)
    kernel = fitted_kernel(x, y)
    at = generator.random((5, 2))
    noiseless = kernel.k1
    covariance = kernel(x)
    mean = noiseless(at, x) @ np.linalg.solve(covariance, y)
    # A new value has the noise, too.
    variance = kernel.diag(at) - np.sum(
        noiseless(at, x) * np.linalg.solve(covariance, noiseless(x, at)).T, axis=1
    )
    best = (noiseless(x, x) @ np.linalg.solve(covariance, y)).min()
    deviation = np.sqrt(variance)
    expected = np.log(deviation) + log_improvement((best - mean) / deviation)
    np.testing.assert_allclose(Belief(kernel, x, y).log_expected_improvement(at), expected, rtol=1e-5)


def test_failures_are_the_worst_and_bad_values_are_cut():
    found = standardized(ended([0.1, 0.2, 0.3, 1e9, None]))
    # The median of the finite ones is 0.25, so nothing counts as more than 0.25 + (0.25 − 0.1) = 0.4.
    expected = np.array([0.1, 0.2, 0.3, 0.4, 0.4])
    np.testing.assert_allclose(found, (expected - expected.mean()) / expected.std())


def test_the_process_is_fitted_to_a_bounded_number_of_trials():
    generator = np.random.default_rng(0)
    trials = ended([*generator.random(2 * MOST), None])
    for number, trial in enumerate(trials):
        trial.number = number
    kept = _most_telling(trials)
    assert len(kept) == MOST
    assert min(trials[:-1], key=lambda trial: trial.value) in kept
    assert [trial.number for trial in kept] == sorted(trial.number for trial in kept)
    assert _most_telling(trials[:MOST]) == trials[:MOST]


def test_a_batch_asked_at_once_spreads():
    study = optuna.create_study()
    study.sampler = catalog.load("tune.search", "bayes").sampler(LINE, 0, 99)
    for _ in range(10):
        trial = study.ask()
        study.tell(trial, (LINE.suggest(trial)["regularization.dropout"] - 0.5) ** 2)
    batch = sorted(LINE.suggest(study.ask())["regularization.dropout"] for _ in range(4))
    assert min(np.diff(batch)) > 0.005


def test_it_finds_what_random_points_do_not(best_of_bowl):
    ours = [best_of_bowl("bayes", 32, seed) for seed in range(3)]
    random = [best_of_bowl("random", 64, seed) for seed in range(3)]
    assert max(ours) < 1e-3 < min(random)


def test_features_are_equal_for_points_that_are():
    space = nw.Space(
        {
            "optimization.rule": nw.Choice(["momentum", "adam"]),
            "optimization.options.beta1": nw.Float(0.8, 0.99, when=("optimization.rule", ["adam"])),
            "architecture.kernel_size": nw.Int(1, 3),
        }
    )
    cube = Cube(space)
    shares = np.array([[0.1, 0.2, 0.4], [0.4, 0.9, 0.6], [0.9, 0.2, 0.5], [0.9, 0.9, 0.5]])
    features = cube.features(shares)
    assert features.shape == (4, 4)
    np.testing.assert_array_equal(features[0], features[1])  # momentum has no beta1, and both sizes are 2
    assert not np.array_equal(features[2], features[3])
    # What a point of the storage is, its coordinates were.
    points = [cube.point(row) for row in shares]
    np.testing.assert_allclose(cube.features(cube.shares(points)), features)
