"""What a fitted estimator keeps: the trained network on the host, as plain arrays that pickle anywhere."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np

from netwright.core.controls import Controls, DataControls
from netwright.core.errors import RunError
from netwright.data.dataset import Dataset, FitEncoder
from netwright.data.encoder import Encoder
from netwright.data.prepared import Prepared
from netwright.data.target_encoder import TargetEncoder
from netwright.data.targets_encoder import TargetsEncoder
from netwright.models import ModelSpec
from netwright.train.auto import METRIC_OF_TASK
from netwright.train.job import Job
from netwright.train.plan import hyper_of, make_plan
from netwright.train.predictor import Predictor
from netwright.train.program import program
from netwright.train.run import Run
from netwright.train.setup import abstract_weights, skeleton_of
from netwright.train.snapshot import Records, Snapshot, to_device, to_host

Host = dict[str, np.ndarray]


@dataclass(eq=False)
class Fitted:
    """A trained network without its training data.

    Attributes:
      record: the run's record.
      records: its history and trace.
      params, rest: the weights kept, in host memory.
      optimizer: the update rule's state after the last step, in host memory.
      encoder, target: fitted on the training rows.
      epochs: passes over the data so far.
    """

    record: dict[str, Any]
    records: Records
    params: Host
    rest: Host
    optimizer: Any
    encoder: Encoder
    target: TargetEncoder | TargetsEncoder
    epochs: int

    @classmethod
    def of(cls, job: Job, run: Run) -> "Fitted":
        """Copy a finished job to the host; its training rows are let go."""
        now, predictor = job.training.now, run.predictor
        return cls(
            record=run.record,
            records=now.records,
            params=to_host(predictor.params),
            rest=to_host(predictor.rest),
            optimizer=to_host(now.carry.state.optimizer),
            encoder=predictor.encoder,
            target=predictor.target,
            epochs=now.epoch,
        )

    @cached_property
    def run(self) -> Run:
        """The run, without its training data."""
        spec = ModelSpec.from_json(self.record["model"])
        skeleton = skeleton_of(spec)
        params, rest = to_device((self.params, self.rest), abstract_weights(spec))
        controls, rows = Controls(**self.record["controls"]), self.record["rows"]["train"]
        task = self.record["task"]
        plan = make_plan(controls, skeleton, task=task, metric=METRIC_OF_TASK[task], rows=rows)
        predictor = Predictor(skeleton, params, rest, self.encoder, self.target, task, controls.loss)
        return Run(
            predictor,
            self.record,
            data=_no_data,
            judge=lambda: (program(plan), hyper_of(controls, rows=rows)),
            records=self.records,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "run"}


class SameEncoding(Dataset):
    """A data set encoded as an earlier one was, so that weights trained on that one keep their meaning."""

    fitted: Fitted

    def prepare(self, controls: DataControls, *, embeddings: bool, fit: FitEncoder | None = None) -> Prepared:
        """Split; the encoders are those of the earlier fit."""
        del embeddings, fit
        return self._prepared(self.fitted.encoder, self.fitted.target, self.splits(controls), controls)


def start_from(job: Job, past: Fitted) -> None:
    """Begin a job with the weights of an earlier one; the update rule starts anew.

    Raises:
      ValueError: the weights have other shapes.
    """
    now, plan = job.training.now, job.training.program.plan
    state = now.carry.state
    shapes = {name: array.shape for name, array in state.params.items()}
    if shapes != {name: array.shape for name, array in past.params.items()}:
        raise ValueError(
            "the network's layers differ from those of the earlier fit, whose weights are to be trained on: "
            "keep hidden, activation and batch_norm, or fit with warm_start=False"
        )
    params = to_device(past.params, state.params)
    # Dropout rates are controls, not what was learned.
    rates = plan.skeleton.dropout_rates
    rest = {
        name: array if name in rates or name not in past.rest else to_device(past.rest[name], array)
        for name, array in state.rest.items()
    }
    stopping = now.stopping
    if plan.keep != "last":
        # Arrays of its own: the state is donated to every chunk.
        copies = to_device(to_host((params, rest)), (params, rest))
        stopping = stopping._replace(params=copies[0], rest=copies[1])
    state = state._replace(params=params, rest=rest)
    job.training.now = Snapshot(now.carry._replace(state=state), stopping, 0, 0, Records())


def go_on_from(job: Job, past: Fitted) -> None:
    """Begin a job where an earlier one ended, its update rule included; it then makes one more pass."""
    start_from(job, past)
    training = job.training
    now, state = training.now, training.now.carry.state
    if past.record["controls"]["optimization"]["rule"] == job.controls.optimization.rule:
        state = state._replace(optimizer=to_device(past.optimizer, state.optimizer))
    state = state._replace(step=jnp.int32(past.epochs * training.feed.steps_per_epoch))
    training.now = Snapshot(now.carry._replace(state=state), now.stopping, past.epochs, 0, Records())
    training.epochs = past.epochs + 1


def _no_data() -> Prepared:
    raise RunError("an estimator does not keep its training data; use score(X, y), or run_.evaluate(dataset)")
