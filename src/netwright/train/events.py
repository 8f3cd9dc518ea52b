"""Events of a training run, in their fixed order, and the callbacks that hear them.

start → (chunk … → epoch) … → finish. A callback hears and may raise; it never changes the state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netwright.core.errors import NetwrightError


@dataclass(frozen=True)
class Start:
    """Training begins, or goes on after ``epoch`` epochs; ``record``: what run.json says of it, {} of a population."""

    epochs: int
    steps_per_epoch: int
    epoch: int
    metric: str
    parameters: int
    record: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class ChunkDone:
    """``step`` of the epoch's steps are done."""

    epoch: int
    step: int


@dataclass(frozen=True)
class EpochDone:
    """An epoch is done; ``record`` is its row of the history."""

    epoch: int
    record: dict[str, Any]


@dataclass(frozen=True)
class Finish:
    """Training has ended for ``reason``."""

    reason: str
    best_epoch: int | None


Event = Start | ChunkDone | EpochDone | Finish


class Callback:
    """Hears the events of a run. Override what you need."""

    def on_start(self, event: Start) -> None:
        """Hear that training begins."""

    def on_chunk(self, event: ChunkDone) -> None:
        """Hear that some steps are done; at most a few times a second."""

    def on_epoch(self, event: EpochDone) -> None:
        """Hear that an epoch is done."""

    def on_finish(self, event: Finish) -> None:
        """Hear that training has ended."""


_METHODS = {Start: "on_start", ChunkDone: "on_chunk", EpochDone: "on_epoch", Finish: "on_finish"}


def emit(callbacks: Sequence[Any], event: Event) -> None:
    """Tell every callback; an error is raised again with the names of the event and the callback."""
    method = _METHODS[type(event)]
    for callback in callbacks:
        hear = getattr(callback, method, None)
        if hear is None:
            continue
        try:
            hear(event)
        except NetwrightError:
            raise
        except Exception as error:
            error.add_note(f"in callback {type(callback).__name__}.{method}")
            raise
