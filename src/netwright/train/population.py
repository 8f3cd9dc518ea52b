"""Populations: many models of one structure trained as one compiled program.

Seeds, sweeps of numeric hyperparameters, resamples (as weights per member), paired proofs and ensembles are all
this. What may differ between members is what the program traces: seeds and numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np
import polars as pl

from netwright.core.controls import Controls
from netwright.core.errors import ControlError, DataError, TrainingError
from netwright.core.keys import checked_seed
from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.models import ModelSpec
from netwright.train.auto import METRIC_OF_TASK, resolve
from netwright.train.compile_cache import use_compile_cache
from netwright.train.feed import Rows, device_budget, feed_of
from netwright.train.job import facts_of, run_record
from netwright.train.loop import REASONS, NonFiniteDevLossError, NonFiniteLossError, Training
from netwright.train.order import Visits
from netwright.train.plan import Hyper, Plan, hyper_of, make_plan
from netwright.train.predictor import forward_of, predict_blocks, predictor_of
from netwright.train.program import program
from netwright.train.run import Run
from netwright.train.setup import Weights, final_weights, first_snapshot, skeleton_of, spec_of
from netwright.train.snapshot import Records

NUMERIC_FLAGS = ("l1", "l2", "decay", "clip_norm", "clip_value", "smoothing", "crop", "cutout", "mixup")


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
    use_compile_cache()
    seeds = [checked_seed(seed) for seed in seeds]
    order = seeds if order_seed is None else checked_seed(order_seed)
    each = [controls or Controls()] * len(seeds) if not isinstance(controls, Sequence) else list(controls)
    if not seeds or len(each) != len(seeds):
        raise ControlError(
            f"fit_population: found {len(each)} controls and {len(seeds)} seeds; expected one a member"
        )
    if any(member.data != each[0].data for member in each):
        raise ControlError(
            "fit_population: members differ in 'data' controls; train them as populations of their own"
        )
    if isinstance(dataset, Prepared):
        prepared, source = dataset, None
    else:
        prepared, source = dataset.prepare(each[0].data, embeddings=True), dataset
    each = [resolve(member, facts_of(prepared)) for member in each]
    rows = _checked_rows(rows, len(seeds), len(prepared.train))
    visited = len(prepared.train) if rows is None else rows.shape[1]
    spec, plan, hyper = _common(each, prepared, visited, seeds)
    plan = replace(plan, probe_every=probe_every)
    train = prepared.train if weights is None else _weighted(prepared.train, weights, len(seeds))
    visits = Visits(len(train), order, plan.batch_size, shuffle=each[0].data.shuffle, chosen=rows)
    budget = device_budget()
    training = Training(
        program=program(plan, population=True),
        hyper=hyper,
        feed=feed_of(train, visits, budget),
        dev=None if prepared.dev is None else Rows(prepared.dev, budget),
        epochs=int(each[0].optimization.epochs),
        now=first_snapshot(plan, hyper, spec if start is None else (start.params, start.rest), seeds),
    )
    try:
        training.run(callbacks)
    except (NonFiniteLossError, NonFiniteDevLossError):
        raise TrainingError(
            "every member's loss ceased to be finite; lower optimization.learning_rate"
        ) from None
    records = [
        run_record(source, prepared, member, seed, spec) for member, seed in zip(each, seeds, strict=True)
    ]
    return Population(plan, training, prepared, records)


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
        weights = jax.tree.map(lambda a: a[member], final_weights(self.plan, self.training.now))
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

    def outputs(self, what: str = "dev") -> np.ndarray:
        """Return the raw outputs of every member on "train", "dev" or "test" rows: (members, m) or (members, m, K)."""
        arrays: Arrays | None = getattr(self.prepared, what)
        if arrays is None:
            raise DataError(f"population: there are no {what} rows")
        weights = final_weights(self.plan, self.training.now)
        forward = forward_of(self.plan.skeleton, self.prepared.task, population=True)
        return predict_blocks(forward, weights.params, weights.rest, arrays.x, axis=1)

    def __iter__(self) -> Any:
        return (self[member] for member in range(len(self)))


def _common(
    each: list[Controls], prepared: Prepared, rows: int, seeds: list[int]
) -> tuple[ModelSpec, Plan, Hyper]:
    """Return the structure that all members share, and their stacked numbers."""
    dropout = any(float(member.regularization.dropout) > 0 for member in each)
    specs = [replace(spec_of(member, prepared), dropout=dropout) for member in each]
    _require_equal(specs, "architecture")
    skeleton = skeleton_of(specs[0])
    plans = [
        make_plan(member, skeleton, task=prepared.task, metric=METRIC_OF_TASK[prepared.task], rows=rows)
        for member in each
    ]
    union = {flag: any(getattr(plan, flag) for plan in plans) for flag in NUMERIC_FLAGS}
    plans = [replace(plan, **union) for plan in plans]
    _require_equal(plans, "optimization or regularization")
    if len({int(member.optimization.epochs) for member in each}) > 1:
        raise ControlError("fit_population: members differ in optimization.epochs; group them by it first")
    hypers = [hyper_of(member, rows=rows, seed=seed) for member, seed in zip(each, seeds, strict=True)]
    if len({jax.tree.structure(hyper) for hyper in hypers}) > 1:
        raise ControlError(
            "fit_population: members name different options of the rule or schedule; name them in all"
        )
    return specs[0], plans[0], jax.tree.map(lambda *numbers: np.stack(numbers), *hypers)


def _require_equal(parts: Sequence[Any], group: str) -> None:
    for part in parts[1:]:
        for field in fields(part):
            mine, first = getattr(part, field.name), getattr(parts[0], field.name)
            if mine != first:
                raise ControlError(
                    f"fit_population: members differ in structure ({group}: {field.name} is {mine!r} and {first!r}); "
                    "group them by it first"
                )


def _checked_rows(rows: Any, members: int, available: int) -> np.ndarray | None:
    if rows is None:
        return None
    rows = np.asarray(rows)
    if rows.ndim != 2 or len(rows) != members or rows.shape[1] == 0 or rows.dtype.kind not in "iu":
        raise DataError(
            f"fit_population: rows have shape {rows.shape} and type {rows.dtype}, expected integers (members, n) "
            f"with {members} members"
        )
    if rows.min() < 0 or rows.max() >= available:
        raise DataError(
            f"fit_population: rows go from {rows.min()} to {rows.max()}, expected 0 to {available - 1}, "
            "places within the training rows"
        )
    return rows


def _weighted(train: Arrays, weights: Any, members: int) -> Arrays:
    """Return the rows with the weights of each member."""
    weights = np.asarray(weights, np.float32)
    if weights.shape != (members, len(train)):
        raise DataError(
            f"fit_population: weights have shape {weights.shape}, expected (members, training rows) = "
            f"({members}, {len(train)})"
        )
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any(axis=1).all():
        raise DataError("fit_population: weights must be finite, at least 0, and not all 0 for a member")
    return Arrays(train.x, train.y, weights)
