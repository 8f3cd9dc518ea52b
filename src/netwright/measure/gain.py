"""Transfer against training from scratch, on the same rows, over the number of rows."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from netwright.core import atomic
from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.data.targets import require_one
from netwright.diagnose.gain import Gain, gain_of
from netwright.measure.rows import dev_of, errors_of, finite, metric_of
from netwright.measure.subsets import random_subset
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.population import fit_population
from netwright.train.pretrained import finetunes, prepare
from netwright.train.run import Run

FEWEST, TIMES = 50, 4
LEAST_ROWS = 4


def gain(ds: Dataset, controls: Controls, *, sizes: Sequence[int] | None = None, seeds: int = 3) -> Gain:
    """Measure the dev errors with a backbone and from scratch as functions of the training rows.

    In each pair both learn from the same random rows, in which classes keep their shares, and start from the same
    seed. From scratch is what ``nw.fit`` does with this data when nothing is said; what either leaves to the data is
    chosen for so many rows. Both know the words of all training texts.

    Args:
      ds: what to learn; its dev rows judge.
      controls: of the transfer; they name the backbone.
      sizes: training rows, ascending; by default 50, 200, 800, … and all of them.
      seeds: pairs a size.

    Raises:
      ControlError: no backbone is named; fewer than two seeds; a size is not between 4 rows and all of them.
      DataError: there are no dev rows, or the backbone cannot read the data.
      TrainingError: a training diverges.
    """
    require_one(ds.labels.names, "gain")
    architecture = controls.architecture
    if architecture.backbone is None:
        raise ControlError(
            "gain: the controls name no backbone (architecture.backbone), so there is no transfer"
        )
    plain = Controls(data=controls.data)
    ways = {"scratch": (plain, prepare(ds, plain)), "transfer": (controls, prepare(ds, controls))}
    rows = len(ways["scratch"][1].train)
    wanted = _default(rows) if sizes is None else sorted(set(map(int, sizes)))
    if seeds < 2 or not wanted or not LEAST_ROWS <= wanted[0] <= wanted[-1] <= rows:
        raise ControlError(
            f"gain: found sizes {wanted} and {seeds} seeds; expected sizes from {LEAST_ROWS} to {rows:,} training "
            "rows, and at least 2 seeds"
        )
    errors = {way: [_errors(*given, size, seeds) for size in wanted] for way, given in ways.items()}
    return gain_of(
        wanted,
        errors["scratch"],
        errors["transfer"],
        metric=metric_of(ds.task),
        transfer=architecture.transfer,
        backbone=architecture.backbone,
    )


def gain_of_run(run: Run, ds: Dataset, *, seeds: int = 3) -> Gain:
    """Measure the gain of a run's own transfer, and keep it in the run's folder for its report."""
    measured = gain(ds, run.controls, seeds=seeds)
    if run.path is not None:
        atomic.write_text(run.path / "gain.json", json.dumps(measured.to_json()))
    return measured


def _default(rows: int) -> list[int]:
    sizes = [FEWEST]
    while sizes[-1] * TIMES < rows:
        sizes.append(sizes[-1] * TIMES)
    return sorted({*(size for size in sizes if size < rows), rows})


def _errors(controls: Controls, prepared: Prepared, size: int, seeds: int) -> np.ndarray:
    """Return the error (seeds, m) of each network on each dev row."""
    dev = dev_of(prepared)
    chosen = resolve(controls, replace(facts_of(prepared), rows=size))
    rows = np.stack(
        [random_subset(prepared, size, np.random.default_rng((size, seed))) for seed in range(seeds)]
    )
    # Side by side, backbones would need their memory as many times.
    at_once = 1 if finetunes(controls.architecture) else seeds
    found = [
        fit_population(
            prepared, chosen, seeds=range(seeds)[start : start + at_once], rows=rows[start : start + at_once]
        ).outputs("dev")
        for start in range(0, seeds, at_once)
    ]
    return finite(errors_of(prepared, np.concatenate(found), dev))
