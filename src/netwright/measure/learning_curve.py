"""The learning curve of a learner: networks trained on ever more rows, and the law that their errors follow."""

from collections.abc import Sequence

import numpy as np

from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.data.targets import require_one
from netwright.diagnose.learning_curve import LearningCurve, fit_curve
from netwright.measure.rows import dev_of, errors_of, finite, metric_of
from netwright.measure.subsets import random_subset
from netwright.train.population import fit_population
from netwright.train.pretrained import prepare

HALVINGS = (16, 8, 4, 2, 1)
LEAST_SIZES, LEAST_ROWS = 4, 4


def learning_curve(
    ds: Dataset | Prepared,
    controls: Controls | None = None,
    *,
    sizes: Sequence[int] | None = None,
    seeds: int = 5,
    confidence: float = 0.9,
) -> LearningCurve:
    """Measure the dev error as a function of the training rows and fit ``err(n) = a·n^(−b) + c``.

    Every network learns from a random subset of its own, in which classes keep their shares. A smaller set takes
    as many steps as the largest: its rows are visited so much more often, and early stopping, where the controls
    have it, keeps its best weights. So the curve shows what rows bring, not what steps bring; and all sizes are
    one compiled population.

    Args:
      ds: what to learn; its dev rows judge.
      controls: how to train.
      sizes: training rows, ascending; by default 1/16, 1/8, 1/4, 1/2 and all of them, 4 at least.
      seeds: networks a size.
      confidence: of the intervals.

    Raises:
      ControlError: fewer than four sizes or two seeds; a size is not between 4 rows and all of them.
      DataError: there are no dev rows.
      TrainingError: a training diverges.
    """
    require_one(ds.labels.names, "learning_curve")
    controls = controls or Controls()
    prepared = ds if isinstance(ds, Prepared) else prepare(ds, controls)
    rows = len(prepared.train)
    halved = {max(LEAST_ROWS, rows // part) for part in HALVINGS}
    wanted = sorted(halved if sizes is None else set(map(int, sizes)))
    if len(wanted) < LEAST_SIZES or seeds < 2 or not LEAST_ROWS <= wanted[0] <= wanted[-1] <= rows:
        raise ControlError(
            f"learning_curve: found sizes {wanted} and {seeds} seeds; expected at least {LEAST_SIZES} sizes from "
            f"{LEAST_ROWS} to {rows:,} training rows, and 2 seeds"
        )
    losses = losses_by_size(prepared, controls, wanted, seeds)
    return fit_curve(wanted, losses, metric=metric_of(prepared.task), confidence=confidence)


def losses_by_size(prepared: Prepared, controls: Controls, sizes: list[int], seeds: int) -> list[np.ndarray]:
    """Return for each size the error (seeds, m) of each network on each dev row."""
    dev = dev_of(prepared)
    members = [(size, seed) for size in sizes for seed in range(seeds)]
    rows = [
        np.resize(random_subset(prepared, size, np.random.default_rng((size, seed))), sizes[-1])
        for size, seed in members
    ]
    population = fit_population(prepared, controls, seeds=[seed for _, seed in members], rows=np.stack(rows))
    errors = finite(errors_of(prepared, population.outputs("dev"), dev))
    return list(errors.reshape(len(sizes), seeds, -1))
