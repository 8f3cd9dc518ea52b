"""The host's side of training: chunk after chunk, epoch after epoch.

The order is fixed and can be read aloud. For every chunk: dispatch, note the probes, tell the callbacks, keep a
snapshot now and then. At an epoch's end: judge, record, tell, stop or go on.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from netwright.train.chunk import PROBE_ROWS
from netwright.train.compute import count
from netwright.train.distributed import agreed, most
from netwright.train.events import ChunkDone, EpochDone, Finish, Start, emit
from netwright.train.feed import Chunk, Feed, Rows
from netwright.train.interrupt import Interrupted, Interruptible
from netwright.train.judge import Ended, recorded
from netwright.train.pace import Pace
from netwright.train.plan import Hyper
from netwright.train.program import Program
from netwright.train.snapshot import Snapshot, to_host
from netwright.train.state import Tally

REASONS = {0: "all epochs done", 1: "early stopping", 2: "tolerance reached"}
SNAPSHOT_SECONDS = 5.0
NOTHING, SNAPSHOT, INTERRUPT = 0, 1, 2
"""What is due between two chunks."""


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


class Piece(NamedTuple):
    """What one dispatch trains: ``steps`` steps of a chunk from its step ``first`` on.

    ``step`` of the epoch's steps are done after it; ``last``: it ends the epoch.
    """

    chunk: Chunk
    first: int
    steps: int
    epoch: int
    step: int
    last: bool


@dataclass
class Training:
    """A training under way, of one model or a population.

    Attributes:
      program: the compiled program; hyper: its traced numbers.
      feed: the training rows; dev: the rows judged after each epoch.
      now: the state between two chunks, on the device, with what was recorded so far.
      record: what run.json says of a run, for the callbacks.
      kept: the newest host copy of ``now``.
    """

    program: Program
    hyper: Hyper
    feed: Feed
    dev: Rows | None
    epochs: int
    now: Snapshot
    record: Mapping[str, Any] = field(default_factory=dict[str, Any])
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
        per_epoch = self.feed.steps_per_epoch
        emit(callbacks, Start(self.epochs, per_epoch, now.epoch, plan.metric, parameters, self.record))
        pace = Pace((PROBE_ROWS - 1) * plan.probe_every or self.feed.steps_per_epoch, self.clock)
        self.keep()
        if not np.all(np.asarray(now.stopping.stopped)):
            with Interruptible() as interruptible:
                self._train(pace, callbacks, saver, interruptible)
        reasons = np.unique(np.asarray(now.stopping.stopped))
        reason = " or ".join(REASONS[int(code)] for code in reasons)
        judged = self.dev is not None and plan.keep == "best"
        emit(callbacks, Finish(reason, int(np.max(np.asarray(now.stopping.best_epoch))) if judged else None))
        return reason

    def keep(self) -> None:
        """Copy the present state to the host."""
        now = self.now
        self.kept = Snapshot(
            to_host(now.carry), to_host(now.stopping), now.epoch, now.step, now.records.copy()
        )
        self._kept_at = self.clock()

    # ------------------------------------------------------------------------------------------ the parts

    def _train(
        self, pace: Pace, callbacks: Sequence[Any], saver: Saver | None, interruptible: Interruptible
    ) -> None:
        pieces = self._pieces(pace)
        piece = self._begin(pieces)
        while piece is not None:
            if not piece.last:
                self._settle()
                pace.finish(piece.steps)
                emit(callbacks, ChunkDone(piece.epoch, self.now.step))
                self._pause(saver, interruptible)
                pace.start()
                piece = self._dispatch(next(pieces))
                continue
            ended = self._end_epoch(piece)
            # The device goes on with the next epoch while the host reads, records and tells of this one.
            ahead = None
            if not self._due(interruptible):
                ahead = self._dispatch(next(pieces, None), ended.go)
            if self._record(piece, ended, callbacks):
                return
            if ahead is None:
                self._pause(saver, interruptible)
                ahead = self._begin(pieces)
            piece = ahead

    def _pieces(self, pace: Pace) -> Iterator[Piece]:
        now, per_epoch = self.now, self.feed.steps_per_epoch
        first = now.step
        for epoch in range(now.epoch, self.epochs):
            step = first
            for chunk in self.feed.epoch(epoch, first):
                done = 0
                while done < chunk.steps:
                    steps = min(agreed(pace.steps), chunk.steps - done)
                    step += steps
                    yield Piece(chunk, chunk.first + done, steps, epoch, step, last=step == per_epoch)
                    done += steps
            first = 0

    def _begin(self, pieces: Iterator[Piece]) -> Piece | None:
        self._epoch_started = self.clock()
        return self._dispatch(next(pieces, None))

    def _dispatch(self, piece: Piece | None, go: Any = None) -> Piece | None:
        if piece is None:
            return None
        now, every = self.now, self.program.plan.probe_every
        if go is None:  # of the shape that the end of an epoch gives it: another would be another program
            go = np.ones(now.carry.finite.shape, bool)
        after = piece.epoch * self.feed.steps_per_epoch + piece.step
        data, order = piece.chunk.data, piece.chunk.order
        now.carry = self.program.chunk(
            self.hyper, now.carry, data, order, np.int32(piece.first), np.int32(piece.steps), go
        )
        now.epoch, now.step = piece.epoch, piece.step
        start = after - piece.steps
        self._probed = range(-(-start // every) * every, after, every) if every else range(0)
        return piece

    def _settle(self) -> None:
        """Wait for the chunk; note its probes; raise if its loss was not finite."""
        if not np.any(np.asarray(self.now.carry.finite)):
            raise NonFiniteLossError
        self._note(self._probed, self.now.carry.probes)

    def _note(self, steps: range, probes: jax.Array) -> None:
        if len(steps):
            self.now.records.trace_steps.extend(steps)
            self.now.records.trace.extend(np.array(probes)[: len(steps)])

    def _end_epoch(self, piece: Piece) -> Ended:
        now, carry = self.now, self.now.carry
        position = (np.int32(piece.epoch), np.int32((piece.epoch + 1) * self.feed.steps_per_epoch))
        weights = (carry.state.params, carry.state.rest)
        ended = self.program.end_epoch(
            self.hyper,
            position,
            now.stopping,
            weights,
            carry.tally,
            carry.finite,
            self._judge_dev(),
            carry.state.optimizer if self.program.plan.goals else (),
        )
        now.stopping, now.carry = ended.stopping, carry._replace(tally=ended.tally)
        # The next dispatch takes the probes' memory over.
        self._seen = (self._probed, jnp.array(carry.probes) if self._probed else carry.probes)
        if piece.epoch + 1 < self.epochs:
            self.feed.prepare(piece.epoch + 1)
        return ended

    def _record(self, piece: Piece, ended: Ended, callbacks: Sequence[Any]) -> bool:
        """Read the record of an epoch, tell of it, and return whether training stops here."""
        now, epoch = self.now, piece.epoch
        names = recorded(self.program.plan, judged=self.dev is not None)
        values = dict(zip(names, np.asarray(ended.record).T, strict=True))
        stopped = values.pop("stopped").astype(int)
        if not values.pop("finite").any():
            raise NonFiniteLossError
        self._note(*self._seen)
        if not np.isfinite(values.get("dev_loss", 0.0)).any():
            now.epoch = epoch
            raise NonFiniteDevLossError
        row: dict[str, Any] = {"epoch": epoch, "step": (epoch + 1) * self.feed.steps_per_epoch}
        row |= {name: value.tolist() for name, value in values.items()}
        row["seconds"] = self.clock() - self._epoch_started
        self._epoch_started += row["seconds"]
        now.records.history.append(row)
        count(self.feed.rows * stopped.size)
        stops = bool(stopped.all())
        if stops or now.epoch == epoch:  # what is under way takes no step, or nothing is
            now.epoch, now.step = epoch + 1, 0
        emit(callbacks, EpochDone(epoch, row))
        return stops

    def _judge_dev(self) -> Tally | None:
        if self.dev is None:
            return None
        state = self.now.carry.state
        return self.program.judge(self.hyper, state.params, state.rest, self.dev)

    def _due(self, interruptible: Interruptible) -> int:
        snapshot = self.clock() - self._kept_at > SNAPSHOT_SECONDS
        return most(INTERRUPT if interruptible.requested else SNAPSHOT if snapshot else NOTHING)

    def _pause(self, saver: Saver | None, interruptible: Interruptible) -> None:
        due = self._due(interruptible)
        if due:
            self.keep()
            if saver is not None and self.kept is not None:
                saver.save(self.kept) if due == INTERRUPT else saver.offer(self.kept)
        if due == INTERRUPT:
            raise Interrupted
