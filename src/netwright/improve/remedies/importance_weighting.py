"""Importance weighting: training rows count as much as they are like target rows."""

import numpy as np

from netwright.diagnose.shift.classifier import domain_probabilities
from netwright.improve.remedies._study import Study, Trained, effective_size
from netwright.measure.words import with_distances

LARGEST = 10.0
"""A clipped weight is biased a little; an unclipped one can be all the training there is."""


def importance_weighting(study: Study) -> Trained:
    """Weigh each training row by ``w(x) = P_target(x) / P_train(x)``.

    By Bayes' rule ``w(x) = P(target | x) / P(train | x) · n / m``, from classifiers that tell target rows from training
    rows, cross-fitted, and clipped at 10. Under a covariate shift the weighted training cost is the target cost in
    expectation. It matters where the model is too simple to fit both; the effect on a deep net fades over the epochs
    unless L2 or early stopping ends training before every row is fitted. Dev rows, which choose the epoch, are
    weighted alike.

    References: Shimodaira (2000), "Improving predictive inference under covariate shift by weighting the
    log-likelihood function"; Byrd and Lipton (2019), "What is the effect of importance weighting in deep learning?"
    """
    train, dev = study.prepared.train, study.prepared.dev
    n = len(train)
    sources = [train.x] if dev is None else [train.x, dev.x]
    x = with_distances(study.prepared.encoder.layout, np.concatenate([*sources, study.target])).astype(
        np.float64
    )
    domain = np.repeat([0.0, 1.0], [len(x) - len(study.target), len(study.target)])
    target = np.clip(domain_probabilities(x, domain, seed=0)[domain == 0], 1e-6, 1 - 1e-6)
    weights = np.minimum(target / (1 - target) * len(target) / len(study.target), LARGEST)
    size = effective_size(weights[:n])
    note = (
        f"weights {weights[:n].min():.2g} to {weights[:n].max():.2g}, effective sample size {size:.0f} of {n}"
    )
    return Trained(study.train_weighted(weights[:n], None if dev is None else weights[n:]), note)
