"""A job: data and resolved controls made into a training, and the training into a run."""

import shlex
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from netwright.core.controls import Controls
from netwright.core.errors import ControlError, DataError, TrainingError
from netwright.core.keys import checked_seed
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.data.splits import ALL_PARTS
from netwright.models import ModelSpec
from netwright.train.auto import Facts, resolve
from netwright.train.block import block_rows
from netwright.train.checkpoint import Checkpoints
from netwright.train.distributed import LostProcessError, check_alike, joined, leads, tells_of_loss
from netwright.train.failure import Failure, explain
from netwright.train.feed import Rows, device_budget, feed_of
from netwright.train.folder import RunFolder
from netwright.train.goals import METRIC_OF_TASK, goals_of
from netwright.train.interrupt import Interrupted
from netwright.train.loop import NonFiniteDevLossError, NonFiniteLossError, Training
from netwright.train.mesh import put, taken_from
from netwright.train.order import Visits
from netwright.train.own import Own, check_shapes
from netwright.train.plan import hyper_of, make_plan
from netwright.train.predictor import predictor_of
from netwright.train.pretrained import brought, fingerprint_of, prepare
from netwright.train.program import program
from netwright.train.run import Run
from netwright.train.setup import (
    Weights,
    final_weights,
    first_snapshot,
    skeleton_of,
    spec_of,
    weights_of,
)
from netwright.train.symmetry import warn_of_symmetry


class Job:
    """One model's training, ready to run.

    Attributes:
      controls: resolved; no "auto" is left.
      prepared: the encoded data.
      training: the host loop with its first state.
    """

    def __init__(
        self,
        dataset: Dataset,
        controls: Controls,
        seed: int,
        own: Own,
        budget: int | None,
        mesh: Mesh | None = None,
    ) -> None:
        _check_kinds(dataset, controls)
        self.mesh = mesh
        self.dataset, self.seed, self.own = dataset, checked_seed(seed), own
        controls = own.controls(controls)
        self.prepared = prepare(dataset, controls, embeddings=own.model is None)
        self.controls = resolve(controls, facts_of(self.prepared))
        self.spec: ModelSpec | None = None
        if own.model is None:
            self.spec = spec_of(self.controls, self.prepared)
            skeleton, start = skeleton_of(self.spec), self.spec
        else:
            skeleton, start = weights_of(own.model)
        rows = len(self.prepared.train)
        task = dataset.task
        plan = make_plan(
            self.controls,
            skeleton,
            task=task,
            metric=METRIC_OF_TASK[task],
            rows=rows,
            loss=own.loss,
            rule=own.rule,
            goals=goals_of(self.prepared.target),
            block=block_rows(self.prepared.encoder.layout),
        )
        hyper = hyper_of(self.controls, rows=rows, seed=self.seed)
        self.budget = budget = device_budget() if budget is None else budget
        dev = self.prepared.dev
        visits = Visits(rows, self.seed, plan.batch_size, shuffle=self.controls.data.shuffle)
        self.training = Training(
            program=program(plan, mesh=mesh),
            hyper=hyper,
            feed=feed_of(self.prepared.train, visits, budget, mesh),
            dev=None if dev is None else Rows(dev, budget, plan.block, mesh),
            epochs=int(self.controls.optimization.epochs),
            now=first_snapshot(plan, hyper, start, self.seed, brought(self.controls.architecture)),
            record=self._record("running"),
        )
        state = self.training.now.carry.state
        if own.model is not None or own.loss is not None:
            check_shapes(
                plan, hyper, (state.params, state.rest), self.prepared.train, self.prepared.target.n_out
            )
        warn_of_symmetry(state.params)

    def train(self, callbacks: Sequence[Any], folder: RunFolder | None) -> Run:
        """Train to the end; with a folder, which the caller holds, leave the run there whatever happens."""
        if folder is None:
            return self._attempt(callbacks, None)
        folder.write_record(self._record("running"))
        try:
            run = self._attempt(callbacks, Checkpoints(folder.state))
        except Interrupted as interrupted:
            folder.write_record(self._record("stopped"))
            raise Interrupted(f"interrupted; go on with: {self._resume_words(folder)}") from interrupted
        except LostProcessError as error:
            folder.write_record(self._record("stopped"))
            error.args = (f"{error}; the state is saved: go on with {self._resume_words(folder)}",)
            raise
        except TrainingError as error:
            if error.run is None:  # a callback's own
                raise
            error.run.save(folder.path)
            kept = "" if error.failure is None else f", the batch in {error.failure.save(folder.path)}"
            error.args = (f"{error}. The run is in {folder.path}{kept}",)
            raise
        run.save(folder.path)
        folder.drop_state()
        return run

    def _attempt(self, callbacks: Sequence[Any], saver: Checkpoints | None) -> Run:
        training, start = self.training, self.training.now
        try:
            if joined():
                place = f"seed {self.seed}, epoch {start.epoch}, step {start.step}"
                check_alike(self.dataset.fingerprint, self.controls.model_dump_json(), place)
            if self.mesh is not None:
                start.carry, start.stopping = put((start.carry, start.stopping), self.mesh)
            reason = training.run(callbacks, saver)
        except NonFiniteLossError:
            raise self._failed() from None
        except NonFiniteDevLossError:
            raise self._failed_on_dev() from None
        except Interrupted:
            if leads():
                raise
            raise Interrupted(
                "interrupted, and the other processes too; process 0 says how to go on"
            ) from None
        except (jax.errors.JaxRuntimeError, ValueError) as error:
            if not tells_of_loss(error):
                raise
            if saver is not None and training.kept is not None:
                saver.save(training.kept)
            go_on = "" if leads() else "; go on with netwright resume and process 0's folder"
            raise LostProcessError(
                f"another process was lost, or the way to it ({str(error).splitlines()[0][:200]}){go_on}"
            ) from error
        return self._run("done", reason, final_weights(training.program.plan, training.now))

    def _failed(self) -> TrainingError:
        training = self.training
        assert training.kept is not None, "a training keeps its first state"
        # Taken apart on one device.
        plan, feed = training.program.plan, training.feed
        if self.mesh is not None:
            feed = feed_of(self.prepared.train, feed.visits, self.budget)
        failure = explain(
            program(plan),
            training.hyper,
            feed,
            training.kept,
            training.now.carry,
            self.prepared.train_rows,
            self.prepared.encoder.feature_names,
        )
        if failure is None:
            kept = training.kept.carry.state
            text = (
                "the loss is not finite, but a replay step by step is: rounding alone tips it; lower the rate"
            )
            return self._error(text, "the loss", Weights(kept.params, kept.rest))
        text = _failure_message(failure, self.controls)
        weights = Weights(failure.params, failure.rest)
        error = self._error(text, f"{failure.operation} at step {failure.step}", weights)
        error.run.record["failure"] = failure.to_json()
        error.failure = failure
        return error

    def _failed_on_dev(self) -> TrainingError:
        state = self.training.now.carry.state
        text = (
            f"epoch {self.training.now.epoch}: the dev loss is not finite, the training loss is; a dev row lies far "
            "beyond the training rows: correct it, or scale the column"
        )
        return self._error(text, "the dev loss", Weights(state.params, state.rest))

    def _error(self, text: str, reason: str, weights: Weights) -> TrainingError:
        error = TrainingError(text)
        error.run = self._run("failed", f"{reason} is not finite", weights)
        return error

    def _resume_words(self, folder: RunFolder) -> str:
        if (
            self.dataset.origin is not None
            and self.spec is not None
            and not self.own.rule
            and not self.own.loss
        ):
            devices = "" if self.mesh is None or joined() else f" --devices {self.mesh.size}"
            return f"netwright resume {shlex.quote(str(folder.path))}{devices}"
        return f"nw.resume({str(folder.path)!r}, …) with the data and parts given to nw.fit"

    def _run(self, status: str, reason: str, weights: Weights) -> Run:
        training, plan = self.training, self.training.program.plan
        weights = taken_from(weights, self.mesh)
        return Run(
            predictor=predictor_of(self.prepared, plan, weights.params, weights.rest),
            record=self._record(status) | {"reason": reason, "best_epoch": self._best_epoch()},
            data=lambda: self.prepared,
            judge=lambda: (program(plan), training.hyper),
            records=training.now.records,
        )

    def _best_epoch(self) -> int | None:
        best = int(np.asarray(self.training.now.stopping.best_epoch))
        return best if self.training.program.plan.keep == "best" and best >= 0 else None

    def _record(self, status: str) -> dict[str, Any]:
        return run_record(self.dataset, self.prepared, self.controls, self.seed, self.spec) | {
            "status": status,
            "devices": 1 if self.mesh is None else self.mesh.size,
            "backbone": fingerprint_of(self.controls.architecture),
        }


def run_record(
    dataset: Dataset | None, prepared: Prepared, controls: Controls, seed: int, spec: ModelSpec | None
) -> dict[str, Any]:
    """Return what run.json says before the outcome: everything needed to train the same again.

    Without the data set itself, as when a measurement trains on what another run prepared, only its name is told.
    """
    data: dict[str, Any] = {"name": prepared.source}
    if dataset is not None:
        data |= {
            "fingerprint": dataset.fingerprint,
            "origin": dataset.origin,
            "schema": dataset.schema.to_json(),
        }
    return {
        "seed": seed,
        "task": prepared.task,
        "data": data,
        "rows": {name: len(getattr(prepared.splits, name)) for name in ALL_PARTS},
        "model": None if spec is None else spec.to_json(),
        "controls": controls.model_dump(mode="json"),
    }


def facts_of(prepared: Prepared) -> Facts:
    """Return what the automatic choices look at."""
    splits, goals = prepared.splits, goals_of(prepared.target)
    task = goals[0].task if goals else prepared.task
    names = tuple(goal.name for goal in goals)
    return Facts(len(splits.train), prepared.encoder.layout, task, len(splits.dev), names)


def _check_kinds(dataset: Any, controls: Any) -> None:
    if not isinstance(dataset, Dataset):
        raise DataError(
            f"dataset: found {type(dataset).__name__}, expected a data set: nw.read(file, target=…), nw.example(name) "
            "or nw.Dataset.from_arrays(X, y)"
        )
    if not isinstance(controls, Controls):
        raise ControlError(f"controls: found {type(controls).__name__}, expected nw.Controls(…)")


def _failure_message(failure: Failure, controls: Controls) -> str:
    rate = controls.optimization.learning_rate
    mend = f"Lower optimization.learning_rate (now {rate:g}) or set optimization.clip_norm=1"
    if failure.operation == "the input":
        mend = "Correct the cell, or scale the column (data.normalize)"
    return (
        f"step {failure.step} (epoch {failure.epoch}): {failure.operation} is not finite: {failure.cause}; the last "
        f"good weights are kept. {mend}"
    )
