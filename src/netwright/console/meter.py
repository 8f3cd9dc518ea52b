"""The live display of a training: a bar, and what the last epoch said."""

from collections.abc import Callable, Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from netwright.console.epochs import duration, metrics_of, number
from netwright.train.events import Start


class Meter:
    """How far a training is: epochs and steps done, the last record, the time that is left."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.epochs = self.steps_per_epoch = 0
        self._done = 0
        self._first: tuple[float, int] | None = None
        self._record: dict[str, float] = {}
        self._best: tuple[float, str] | None = None

    def start(self, event: Start) -> None:
        """Begin at the start event's epoch."""
        self.epochs, self.steps_per_epoch = event.epochs, event.steps_per_epoch
        self._done = event.epoch * event.steps_per_epoch

    def move(self, epoch: int, step: int, record: dict[str, float] | None = None) -> None:
        """Note that ``epoch`` whole epochs and ``step`` steps of the next are done."""
        self._done = epoch * self.steps_per_epoch + step
        self._first = self._first or (self.clock(), self._done)
        if record is not None:
            self._record = record
            loss = record.get("dev_loss")
            if loss is not None and (self._best is None or loss < self._best[0]):
                self._best = (loss, f"best epoch {epoch}")

    def seconds_left(self) -> float | None:
        """Return the time to the last epoch at the pace since the first report, which compiled."""
        if self._first is None or self._done == self._first[1]:
            return None
        pace = (self.clock() - self._first[0]) / (self._done - self._first[1])
        return pace * (self.epochs * self.steps_per_epoch - self._done)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        if self.epochs == 0:
            yield Text("  preparing the data …", style="dim")
            return
        total = self.epochs * self.steps_per_epoch
        epoch = min(self._done // self.steps_per_epoch + 1, self.epochs)
        row = Table.grid(padding=(0, 2), expand=True)
        for ratio in (None, 1, None, None):
            row.add_column(ratio=ratio, no_wrap=True)
        steps = Text(f"{self._done:,}/{total:,} steps", style="dim")
        row.add_row(
            f"  epoch {epoch}/{self.epochs}", ProgressBar(total, self._done), steps, self._time_left()
        )
        yield row
        yield Text("  " + self._said(), style="dim", no_wrap=True, overflow="ellipsis")

    def _time_left(self) -> Text:
        left = self.seconds_left()
        if left is None:
            return Text("compiling" if self._first is None else "…", style="dim")
        return Text(f"{duration(left)} left", style="cyan")

    def _said(self) -> str:
        if not self._record:
            return ""
        record = self._record
        parts = [f"loss {number(record['train_loss'])}"]
        if "dev_loss" in record:
            parts.append(f"dev loss {number(record['dev_loss'])}")
        for metric in metrics_of(record):
            side = "dev" if f"dev_{metric}" in record else "train"
            parts.append(f"{side} {metric} {number(record[f'{side}_{metric}'])}")
        parts.append(f"rate {record['learning_rate']:.1e}")
        if self._best is not None:
            parts.append(self._best[1])
        return "  ".join(parts)
