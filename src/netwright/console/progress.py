"""Progress of a training on stderr: a live bar where somebody watches, else now and then a line."""

import importlib.util
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.padding import Padding

from netwright.console import terminal
from netwright.console.epochs import Record, epoch_line, epoch_table
from netwright.console.meter import Meter
from netwright.train.events import Callback, ChunkDone, EpochDone, Finish, Start

REDRAW_SECONDS = 0.1
LINES = 20
LINE_SECONDS = 60.0


class Progress(Callback):
    """Shows a training while it runs: the callback to hear by, a context to be shown in.

    ``with Progress() as shown: train.fit(…, callbacks=shown)``; leaving the block, whatever the reason,
    leaves the terminal as it was.
    """

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.console, self.clock = console or terminal.progress(), clock
        self.records: list[Record] = []
        self.meter = Meter(clock)
        self._live: Live | None = None
        self._shown_at = clock()
        self._next_line = 0.0
        self._printed: float | None = None

    def __enter__(self) -> "tuple[Progress]":
        if live_display(self.console):
            self._live = Live(self.meter, console=self.console, auto_refresh=False, transient=True)
            self._live.start(refresh=True)
        return (self,)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def on_start(self, event: Start) -> None:
        """Show what is about to be trained."""
        self.meter.start(event)
        if self._live is not None:
            self._live.refresh()
        else:
            done = f", going on after epoch {event.epoch}" if event.epoch else ""
            self._print(
                f"training: {event.parameters:,} parameters, at most {event.epochs} epochs of "
                f"{event.steps_per_epoch:,} steps{done}"
            )

    def on_chunk(self, event: ChunkDone) -> None:
        """Move the bar."""
        self.meter.move(event.epoch, event.step)
        self._redraw()

    def on_epoch(self, event: EpochDone) -> None:
        """Move the bar and show the epoch's record, or print it as a line when it is time to."""
        self.records.append(event.record)
        self.meter.move(event.epoch + 1, 0, event.record)
        self._redraw()
        if self._live is None and (event.epoch >= self._next_line or self._silent_for(LINE_SECONDS)):
            self._next_line = event.epoch + self.meter.epochs / LINES
            self._print_epoch(event.record)

    def on_finish(self, event: Finish) -> None:
        """Put the table of epochs in the bar's place, or the last epoch's line."""
        if self._live is not None:
            self._live.stop()
            if self.records:
                self.console.print(Padding(epoch_table(self.records, event.best_epoch), (1, 0, 1, 2)))
        elif self.records:
            if self._printed != self.records[-1]["epoch"]:
                self._print_epoch(self.records[-1])
            self._print(f"end: {event.reason}")

    def _redraw(self) -> None:
        if self._live is not None and self._silent_for(REDRAW_SECONDS):
            self._shown_at = self.clock()
            self._live.refresh()

    def _silent_for(self, seconds: float) -> bool:
        return self.clock() - self._shown_at >= seconds

    def _print_epoch(self, record: Record) -> None:
        self._printed = record["epoch"]
        self._print(epoch_line(record, self.meter.epochs))

    def _print(self, line: str) -> None:
        self._shown_at = self.clock()
        self.console.print(line, soft_wrap=True)


def watched() -> bool:
    """Tell whether somebody watches stderr: a terminal or Jupyter."""
    console = terminal.progress()
    return console.is_terminal or console.is_jupyter


def live_display(console: Console) -> bool:
    """Tell whether a console can redraw: a capable terminal, or Jupyter with the ipywidgets rich needs."""
    if console.is_jupyter:
        return importlib.util.find_spec("ipywidgets") is not None
    return console.is_terminal and not console.is_dumb_terminal
