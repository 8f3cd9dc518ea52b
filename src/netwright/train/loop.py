"""The host's side of training: chunk after chunk, epoch after epoch.

The order is fixed and can be read aloud. For every chunk: dispatch, note the probes, tell the callbacks, keep a
snapshot now and then. At an epoch's end: judge, record, tell, stop or go on.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import numpy as np

from netwright.train.chunk import PROBE_ROWS
from netwright.train.compute import count
from netwright.train.events import ChunkDone, EpochDone, Finish, Start, emit
from netwright.train.feed import Chunk, Feed, Rows
from netwright.train.interrupt import Interrupted, Interruptible
from netwright.train.pace import Pace
from netwright.train.plan import Hyper
from netwright.train.program import Program
from netwright.train.snapshot import Snapshot, to_host
from netwright.train.state import Tally

REASONS = {0: "all epochs done", 1: "early stopping", 2: "tolerance reached"}
SNAPSHOT_SECONDS = 5.0


class Saver(Protocol):
    """Keeps snapshots; :class:`netwright.train.checkpoint.Checkpoints` writes them to the run's folder."""

    def offer(self, snapshot: Snapshot) -> None:
        """Take a snapshot if it is time to."""
        ...

    def save(self, snapshot: Snapshot) -> None:
        """Take a snapshot now."""
        ...


class NonFiniteLossError(Exception):
    """The training loss ceased to be finite; :mod:`netwright.train.failure` finds out where."""


class NonFiniteDevLossError(Exception):
    """The dev loss is not finite while the training loss is: a dev row lies beyond what training saw."""


@dataclass
class Training:
    """A training under way, of one model or a population.

    Attributes:
      program: the compiled program; hyper: its traced numbers.
      feed: the training rows; dev: the rows judged after each epoch.
      now: the state between two chunks, on the device, with what was recorded so far.
      kept: the newest host copy of ``now``.
    """

    program: Program
    hyper: Hyper
    feed: Feed
    dev: Rows | None
    epochs: int
    now: Snapshot
    kept: Snapshot | None = None
    clock: Callable[[], float] = time.monotonic

    def run(self, callbacks: Sequence[Any] = (), saver: Saver | None = None) -> str:
        """Train to the end and return why it ended.

          Raises:
            NonFiniteLossError: the loss of every model became infinite or NaN.
        NonFiniteDevLossError: their loss on the dev rows did.
            Interrupted: Ctrl-C or SIGTERM; a snapshot was saved first.
        """
        now, plan = self.now, self.program.plan
        parameters = sum(int(np.prod(a.shape)) for a in now.carry.state.params.values())
        emit(callbacks, Start(self.epochs, self.feed.steps_per_epoch, now.epoch, plan.metric, parameters))
        pace = Pace((PROBE_ROWS - 1) * plan.probe_every or self.feed.steps_per_epoch, self.clock)
        self.keep()
        stopped = bool(np.all(np.asarray(now.stopping.stopped)))
        with Interruptible() as interruptible:
            while now.epoch < self.epochs and not stopped:
                self._train_epoch(pace, callbacks, saver, interruptible)
                stopped = self._end_epoch(callbacks)
                self._pause(saver, interruptible)
        reasons = np.unique(np.asarray(now.stopping.stopped))
        reason = " or ".join(REASONS[int(code)] for code in reasons)
        best = (
            None
            if self.dev is None or plan.keep != "best"
            else int(np.max(np.asarray(now.stopping.best_epoch)))
        )
        emit(callbacks, Finish(reason, best))
        return reason

    def keep(self) -> None:
        """Copy the present state to the host."""
        now = self.now
        self.kept = Snapshot(
            to_host(now.carry), to_host(now.stopping), now.epoch, now.step, now.records.copy()
        )
        self._kept_at = self.clock()

    # ------------------------------------------------------------------------------------------ the parts

    def _train_epoch(
        self, pace: Pace, callbacks: Sequence[Any], saver: Saver | None, interruptible: Interruptible
    ) -> None:
        now = self.now
        self._epoch_started = self.clock()
        for chunk in self.feed.epoch(now.epoch, now.step):
            done = 0
            while done < chunk.steps:
                steps = min(pace.steps, chunk.steps - done)
                pace.start()
                self._dispatch(chunk, done, steps)
                done += steps
                if now.step < self.feed.steps_per_epoch:  # the last chunk is waited for by the epoch's end
                    self._settle()
                    pace.finish(steps)
                    emit(callbacks, ChunkDone(now.epoch, now.step))
                    self._pause(saver, interruptible)

    def _dispatch(self, chunk: Chunk, done: int, steps: int) -> None:
        now, plan = self.now, self.program.plan
        start = now.epoch * self.feed.steps_per_epoch + now.step
        now.carry = self.program.chunk(
            self.hyper, now.carry, chunk.data, chunk.order, np.int32(chunk.first + done), np.int32(steps)
        )
        now.step += steps
        every = plan.probe_every
        self._probed = range(-(-start // every) * every, start + steps, every) if every else range(0)

    def _settle(self) -> None:
        """Wait for the chunk; note its probes; raise if its loss was not finite."""
        carry, records = self.now.carry, self.now.records
        if not np.any(np.asarray(carry.finite)):
            raise NonFiniteLossError
        if len(self._probed):
            records.trace_steps.extend(self._probed)
            records.trace.extend(np.array(carry.probes)[: len(self._probed)])

    def _end_epoch(self, callbacks: Sequence[Any]) -> bool:
        now = self.now
        state = now.carry.state
        position = (np.int32(now.epoch), np.int32((now.epoch + 1) * self.feed.steps_per_epoch))
        now.stopping, record = self.program.end_epoch(
            self.hyper, position, now.stopping, (state.params, state.rest), now.carry.tally, self._judge_dev()
        )
        if now.epoch + 1 < self.epochs:
            self.feed.prepare(now.epoch + 1)
        record = {name: np.asarray(value).tolist() for name, value in record.items()}
        self._settle()
        now.carry = now.carry._replace(
            tally=jax.tree.map(lambda a: np.zeros(a.shape, a.dtype), now.carry.tally)
        )
        if not np.any(np.isfinite(record.get("dev_loss", 0.0))):
            raise NonFiniteDevLossError
        stopped = record.pop("stopped")
        row = {"epoch": now.epoch, "step": int(position[1]), **_in_order(record, self.program.plan.metric)}
        row["seconds"] = self.clock() - self._epoch_started
        now.records.history.append(row)
        emit(callbacks, EpochDone(now.epoch, row))
        now.epoch, now.step = now.epoch + 1, 0
        count(self.feed.rows * np.size(stopped))
        return bool(np.all(stopped))

    def _judge_dev(self) -> Tally | None:
        if self.dev is None:
            return None
        state = self.now.carry.state
        return self.program.judge(self.hyper, state.params, state.rest, self.dev)

    def _pause(self, saver: Saver | None, interruptible: Interruptible) -> None:
        if interruptible.requested or self.clock() - self._kept_at > SNAPSHOT_SECONDS:
            self.keep()
            if saver is not None and self.kept is not None:
                saver.save(self.kept) if interruptible.requested else saver.offer(self.kept)
        if interruptible.requested:
            raise Interrupted


def _in_order(record: dict[str, Any], metric: str) -> dict[str, Any]:
    names = ("train_loss", "dev_loss", f"train_{metric}", f"dev_{metric}", "learning_rate")
    return {name: record[name] for name in names if name in record}
