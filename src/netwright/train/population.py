"""Populations: many models of one structure trained as one compiled program.

Seeds, sweeps of numeric hyperparameters, resamples (as weights per member), paired proofs and ensembles are all
this. What may differ between members is what the program traces: seeds and numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np
import polars as pl

from netwright.core.controls import Controls
from netwright.core.errors import DataError, TrainingError
from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.train.cohort import Cohort
from netwright.train.loop import REASONS, NonFiniteDevLossError, NonFiniteLossError, Training
from netwright.train.members import apart
from netwright.train.plan import Plan
from netwright.train.predictor import forward_of, predict_blocks, predictor_of
from netwright.train.program import program
from netwright.train.run import Run
from netwright.train.setup import Weights, final_weights
from netwright.train.snapshot import Records, Snapshot


def fit_population(
    dataset: Dataset | Prepared,
    controls: Controls | Sequence[Controls] | None = None,
    *,
    seeds: Sequence[int],
    order_seed: int | None = None,
    weights: np.ndarray | None = None,
    rows: np.ndarray | None = None,
    start: Weights | None = None,
    probe_every: int = 0,
    callbacks: Sequence[Any] = (),
) -> "Population":
    """Train one model a seed, all at once.

    Args:
      dataset: what to learn, or what a run has prepared of it; its split is shared by all members.
      controls: for all members, or one a member; they may differ in numbers (rates, penalties, dropout, …) only.
      seeds: one a member: of its weights, its dropout, and its order of the rows.
      order_seed: one order of the rows for all members, as paired comparisons want; much data goes faster so.
      weights: (members, training rows) sample weights.
      rows: (members, n) places, within the training rows, of those that each member learns from: a smaller
        training set, a fold, or with repeats a bootstrap resample. An epoch then takes n rows.
      start: the weights that every member starts from; by default its own random ones.
      probe_every: steps between two probes for ``trace``; 0: none, as they copy all weights of all members.
      callbacks: as for :func:`netwright.fit`; numbers of an epoch are lists over members.

    Raises:
      ControlError: members differ in structure, which the message names.
      DataError: the weights or rows have the wrong shape.
    """
    cohort = Cohort(
        dataset,
        controls,
        seeds=seeds,
        order_seed=order_seed,
        weights=weights,
        rows=rows,
        start=start,
        probe_every=probe_every,
    )
    return train_members(cohort, range(len(cohort)), callbacks=callbacks)


def train_members(
    cohort: Cohort,
    members: Sequence[int],
    *,
    states: Sequence[Snapshot] | None = None,
    epochs: int | None = None,
    callbacks: Sequence[Any] = (),
) -> "Population":
    """Train some members of a cohort from where they are to so many epochs.

    Args:
      members, states, epochs: as for :meth:`netwright.train.cohort.Cohort.training`.
      callbacks: as for :func:`netwright.fit`; numbers of an epoch are lists over members.

    Raises:
      TrainingError: the loss of every member ceased to be finite.
    """
    training = cohort.training(members, states, epochs)
    try:
        training.run(callbacks)
    except (NonFiniteLossError, NonFiniteDevLossError):
        raise TrainingError(
            "every member's loss ceased to be finite; lower optimization.learning_rate"
        ) from None
    return Population(cohort.plan, training, cohort.prepared, [cohort.record(member) for member in members])


@dataclass
class Population:
    """The members of a trained population.

    Attributes:
      plan: the common structure; training: the host loop as it ended.
      prepared: the encoded data; records: what each member's run.json would say.
    """

    plan: Plan
    training: Training
    prepared: Prepared
    records: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def history(self) -> pl.DataFrame:
        """A row an epoch and member: epoch, step, member, and the columns of a run's history."""
        rows = self.training.now.records.history
        repeated = {"epoch": pl.Int64, "step": pl.Int64, "seconds": pl.Float64}
        frame = pl.DataFrame(rows, schema_overrides=repeated)
        lists = [name for name in frame.columns if name not in repeated]
        members = pl.lit(list(range(len(self)))).alias("member")
        frame = frame.with_columns(members).explode([*lists, "member"])
        return frame.select("epoch", "step", "member", *lists, "seconds")

    def __getitem__(self, member: int) -> Run:
        """Return one member as a run; it predicts and is saved like any other."""
        if not -len(self) <= member < len(self):
            raise IndexError(f"member {member} of a population of {len(self)}")
        member %= len(self)
        weights = _of_member(final_weights(self.plan, self.training.now), member)
        # What the run holds on to is its own: the population may go.
        plan, prepared, training = self.plan, self.prepared, self.training
        predictor = predictor_of(prepared, plan, weights.params, weights.rest)
        stopping = training.now.stopping
        found, epochs = training.now.records, int(np.asarray(stopping.epochs)[member])
        history = [
            {k: v[member] if isinstance(v, list) else v for k, v in row.items()}
            for row in found.history[:epochs]
        ]
        records = Records(history, found.trace_steps, [statistics[member] for statistics in found.trace])
        # The weights kept tell, not the loss at the end: a member that stopped in time may diverge thereafter.
        finite = all(bool(np.isfinite(np.asarray(array)).all()) for array in weights.params.values())
        best = int(np.asarray(stopping.best_epoch)[member])
        outcome = {
            "status": "done" if finite else "failed",
            "reason": REASONS[int(np.asarray(stopping.stopped)[member])],
            "best_epoch": best if self.plan.keep == "best" and best >= 0 else None,
        }
        hyper = jax.tree.map(lambda a: a[member], training.hyper)
        return Run(
            predictor,
            self.records[member] | outcome,
            data=lambda: prepared,
            judge=lambda: (program(plan), hyper),
            records=records,
        )

    def states(self) -> list[Snapshot]:
        """Return the state of each member, copied to the host, from which a cohort can go on with it."""
        return apart(self.training.now)

    def outputs(self, what: str = "dev") -> np.ndarray:
        """Return the raw outputs of every member on "train", "dev" or "test" rows: (members, m) or (members, m, K)."""
        arrays: Arrays | None = getattr(self.prepared, what)
        if arrays is None:
            raise DataError(f"population: there are no {what} rows")
        return self.outputs_of(arrays.x)

    def outputs_of(self, x: np.ndarray) -> np.ndarray:
        """Return the raw outputs of every member on encoded rows: (members, m) or (members, m, K)."""
        weights = final_weights(self.plan, self.training.now)
        forward = forward_of(self.plan.skeleton, self.prepared.task, population=True)
        return predict_blocks(forward, weights.params, weights.rest, x, self.plan.block, axis=1)

    def __iter__(self) -> Any:
        return (self[member] for member in range(len(self)))


@jax.jit
def _of_member(weights: Weights, member: int) -> Weights:
    """Return a member's own weights, by one small program: a slice alone would be one an array."""
    return jax.tree.map(lambda array: array[member], weights)
