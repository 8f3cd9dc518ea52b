"""A cohort: models of one structure, ready to be trained side by side: all of them, or some, some epochs at a time.

What may differ between its members is what the program traces: seeds, numbers, and the rows they learn from.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import jax
import numpy as np

from netwright.core.controls import Controls
from netwright.core.errors import ControlError, DataError
from netwright.core.keys import checked_seed
from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.models import ModelSpec
from netwright.train.auto import resolve
from netwright.train.block import block_rows
from netwright.train.compile_cache import use_compile_cache
from netwright.train.feed import Rows, device_budget, feed_of
from netwright.train.goals import METRIC_OF_TASK, goals_of
from netwright.train.job import facts_of, run_record
from netwright.train.loop import Training
from netwright.train.members import together
from netwright.train.order import Visits
from netwright.train.plan import Hyper, Plan, hyper_of, make_plan
from netwright.train.pretrained import brought, prepare
from netwright.train.program import program
from netwright.train.setup import Weights, first_snapshot, skeleton_of, spec_of
from netwright.train.snapshot import Snapshot

NUMERIC_FLAGS = ("l1", "l2", "decay", "clip_norm", "clip_value", "smoothing", "crop", "cutout", "mixup")


class Cohort:
    """What trainings of one structure have in common, and the numbers of each.

    Attributes:
      plan: the common structure; spec: of the models; hyper: the stacked numbers of all members.
      prepared: the encoded data.
      controls, seeds: one a member; resolved, no "auto" is left.
      epochs: that a whole training takes.

    The arguments, and the errors raised, are those of :func:`netwright.train.fit_population`.
    """

    def __init__(
        self,
        dataset: Dataset | Prepared,
        controls: Controls | Sequence[Controls] | None = None,
        *,
        seeds: Sequence[int],
        order_seed: int | None = None,
        weights: np.ndarray | None = None,
        rows: np.ndarray | None = None,
        start: Weights | None = None,
        probe_every: int = 0,
    ) -> None:
        use_compile_cache()
        self.seeds = [checked_seed(seed) for seed in seeds]
        self.order_seed = None if order_seed is None else checked_seed(order_seed)
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
            self.prepared, self._source = dataset, None
        else:
            self.prepared, self._source = prepare(dataset, each[0]), dataset
        prepared = self.prepared
        self.controls = [resolve(member, facts_of(prepared)) for member in each]
        self.epochs = int(self.controls[0].optimization.epochs)
        self.rows = _checked_rows(rows, len(seeds), len(prepared.train))
        self.visited = len(prepared.train) if self.rows is None else self.rows.shape[1]
        self.spec, plan, self.hyper = _common(self.controls, prepared, self.visited, self.seeds)
        self.plan = replace(plan, probe_every=probe_every)
        self._weights = (
            None if weights is None else _checked_weights(weights, len(seeds), len(prepared.train))
        )
        self._start = start
        self._budget = device_budget()
        self._dev = None if prepared.dev is None else Rows(prepared.dev, self._budget, plan.block)

    def __len__(self) -> int:
        return len(self.seeds)

    def training(
        self, members: Sequence[int], states: Sequence[Snapshot] | None = None, epochs: int | None = None
    ) -> Training:
        """Return a training of some members as a population; as many members again compile nothing.

        Args:
          members: their places; one may be there twice, to fill a population up to a size already compiled.
          states: where each goes on, of :func:`netwright.train.members.apart`; by default they begin.
          epochs: to train to; by default all. Schedules run over all of them in any case.
        """
        places = np.asarray(members)
        seeds = [self.seeds[place] for place in places]
        hyper = jax.tree.map(lambda numbers: numbers[places], self.hyper)
        train = self.prepared.train
        if self._weights is not None:
            train = Arrays(train.x, train.y, self._weights[places])
        visits = Visits(
            len(train),
            seeds if self.order_seed is None else self.order_seed,
            self.plan.batch_size,
            shuffle=self.controls[0].data.shuffle,
            chosen=None if self.rows is None else self.rows[places],
        )
        start = self.spec if self._start is None else (self._start.params, self._start.rest)
        first = first_snapshot(self.plan, hyper, start, seeds, brought(self.controls[0].architecture))
        return Training(
            program=program(self.plan, population=True),
            hyper=hyper,
            feed=feed_of(train, visits, self._budget),
            dev=self._dev,
            epochs=self.epochs if epochs is None else epochs,
            now=first if states is None else together(states, like=first),
        )

    def record(self, member: int) -> dict[str, Any]:
        """Return what a member's run.json would say before the outcome."""
        return run_record(self._source, self.prepared, self.controls[member], self.seeds[member], self.spec)


def _common(
    each: list[Controls], prepared: Prepared, rows: int, seeds: list[int]
) -> tuple[ModelSpec, Plan, Hyper]:
    """Return the structure that all members share, and their stacked numbers."""
    dropout = any(float(member.regularization.dropout) > 0 for member in each)
    specs = [replace(spec_of(member, prepared), dropout=dropout) for member in each]
    _require_equal(specs, "architecture")
    skeleton = skeleton_of(specs[0])
    plans = [
        make_plan(
            member,
            skeleton,
            task=prepared.task,
            metric=METRIC_OF_TASK[prepared.task],
            rows=rows,
            goals=goals_of(prepared.target),
            block=block_rows(prepared.encoder.layout),
        )
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


def _checked_weights(weights: Any, members: int, rows: int) -> np.ndarray:
    weights = np.asarray(weights, np.float32)
    if weights.shape != (members, rows):
        raise DataError(
            f"fit_population: weights have shape {weights.shape}, expected (members, training rows) = "
            f"({members}, {rows})"
        )
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any(axis=1).all():
        raise DataError("fit_population: weights must be finite, at least 0, and not all 0 for a member")
    return weights
