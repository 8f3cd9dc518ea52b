"""The learning-rate range test: which rates work, over seeds, as one population."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from netwright.core.controls import Controls, Optimization
from netwright.core.errors import TrainingError
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.data.targets import require_one
from netwright.diagnose.evidence import RangeTest
from netwright.measure.evidence.network import prior_loss
from netwright.measure.subsets import random_subset
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.population import Population, fit_population
from netwright.train.pretrained import prepare

RATES = tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-5, 10, 13))
WORKS = 0.9
"""A rate works when it takes the loss down by this share of what the best rate does."""


def range_test(
    dataset: Dataset | Prepared,
    controls: Controls | None = None,
    *,
    rates: Sequence[float] = RATES,
    seeds: Sequence[int] = (0, 1, 2),
    epochs: int | None = None,
    rows: int | None = None,
) -> RangeTest:
    """Train at every rate, under every seed, all at once, and tell which rates work.

    Unlike the test of one rising rate (Smith, "Cyclical Learning Rates for Training Neural Networks", 2017,
    section 3.3), each rate trains from the start, under the controls' own schedule and penalties: what a rate does
    late, when the first ones have done their work, counts too. A rate works when the mean training loss of its last
    epoch lies, in the median over seeds, at most a tenth of the best rate's fall above the best; the fall is counted
    from the loss of a constant prediction. ``low`` and ``high`` are the ends of the unbroken stretch of working rates
    around the best.

    Args:
      dataset: what to learn, or what a run has prepared of it.
      controls: as for :func:`netwright.fit`; their learning rate is tried beside ``rates``.
      rates: to try; by default half decades from 1e-5 to 10.
      seeds: of weights, order and dropout.
      epochs: of each training; by default the controls' own.
      rows: train on a random subset of so many; by default all.

    Returns:
      the :class:`~netwright.diagnose.evidence.RangeTest`: rates, losses (seeds, rates), low, best, high.

    Raises:
      ControlError: as :func:`netwright.fit`.
      TrainingError: no rate gives a finite loss.
    """
    require_one(dataset.labels.names, "range_test")
    controls = controls or Controls()
    prepared = dataset if isinstance(dataset, Prepared) else prepare(dataset, controls)
    controls = resolve(controls, facts_of(prepared))
    own = float(controls.optimization.learning_rate)
    tried = sorted({*rates, own})
    members = [controls.replace(optimization=_at(controls, rate, epochs)) for _ in seeds for rate in tried]
    places = None
    if rows is not None and rows < len(prepared.train):
        subset = random_subset(prepared, rows, np.random.default_rng(0))
        places = np.broadcast_to(subset, (len(members), rows))
    population = fit_population(prepared, members, seeds=[seed for seed in seeds for _ in tried], rows=places)
    ends = end_losses(population).reshape(len(seeds), len(tried))
    return judged(np.array(tried), ends, prior_loss(prepared, controls.loss))


def _at(controls: Controls, rate: float, epochs: int | None) -> Optimization:
    """Return the optimization at another rate and length; a warm-up that is longer than that is left out."""
    optimization = controls.optimization
    schedule: Any = optimization.schedule
    length: Any = optimization.epochs if epochs is None else epochs
    warmup = schedule.warmup if schedule.warmup < length else 0.0
    return optimization.replace(learning_rate=rate, epochs=length, schedule=schedule.replace(warmup=warmup))


def end_losses(population: Population) -> np.ndarray:
    """Return each member's mean training loss over its last epoch (members,); infinite where it is not finite."""
    history = population.history
    last = history.filter(history["epoch"] == history["epoch"].max()).sort("member")["train_loss"].to_numpy()
    return np.where(np.isfinite(last), last, np.inf)


def judged(rates: np.ndarray, ends: np.ndarray, constant: float) -> RangeTest:
    """Return which of the rates (r,) work, from the losses (seeds, r) at their ends.

    Raises:
      TrainingError: no rate gives a finite loss in most seeds.
    """
    middle = np.median(ends, axis=0)
    if not np.isfinite(middle).any():
        raise TrainingError(
            f"range_test: no rate from {rates[0]:g} to {rates[-1]:g} gives a finite loss; try lower rates"
        )
    best = int(np.argmin(middle))
    # Seeds differ: what lies within their spread at the best rate is not told from it.
    noise = float(np.std(ends[:, best])) if np.isfinite(ends[:, best]).all() else 0.0
    limit = middle[best] + max((1 - WORKS) * max(constant - middle[best], 0.0), 2 * noise)
    works = middle <= limit
    low = high = best
    while low > 0 and works[low - 1]:
        low -= 1
    while high < len(rates) - 1 and works[high + 1]:
        high += 1
    return RangeTest(rates, ends, float(rates[low]), float(rates[high]), float(rates[best]))
