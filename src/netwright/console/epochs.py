"""Epochs in words: one as a line, many as a table short enough to read."""

from collections.abc import Sequence

from rich.table import Table

ROWS = 10
Record = dict[str, float]


def metrics_of(record: Record) -> list[str]:
    """Return the metrics that an epoch's record follows: ``accuracy``, or of several targets ``accuracy.income`` …"""
    names = [name.removeprefix("train_") for name in record if name.startswith("train_")]
    return [name for name in names if name.partition(".")[0] != "loss"]


def number(value: float) -> str:
    """Return a value in four telling digits."""
    return f"{value:.4f}" if 0.001 <= abs(value) < 1000 or value == 0 else f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return a time in words: 3 ms, 1.2 s, 2:05, 1:02:05."""
    if seconds < 9.95:
        return f"{seconds * 1000:.0f} ms" if seconds < 0.1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"


def epoch_line(record: Record, epochs: int) -> str:
    """Return an epoch as one line; epochs are counted from 1, as a reader counts."""
    count = f"epoch {int(record['epoch']) + 1:>{len(str(epochs))}}/{epochs}"
    cells = dict(_cells(record))
    if any(title.startswith("dev") for title in cells):
        for metric in metrics_of(record):
            cells.pop(f"train {metric}", None)
    return "  ".join(
        [count, *(f"{title} {cell}" for title, cell in cells.items()), duration(record["seconds"])]
    )


def epoch_table(records: Sequence[Record], best: int | None) -> Table:
    """Return a table of the first, the last, the best and every k-th epoch between.

    Args:
      records: what the epochs recorded, in order.
      best: the epoch whose weights were kept, from 0; None when the last was.
    """
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    titles = [title for title, _ in _cells(records[0])]
    for title in ("epoch", *titles, "time"):
        table.add_column(title.replace(" ", "\n"), justify="right", vertical="bottom")
    table.add_column("")
    for record in chosen(records, best):
        kept = record["epoch"] == best
        cells = [cell for _, cell in _cells(record)]
        row = (str(int(record["epoch"]) + 1), *cells, duration(record["seconds"]), "best" if kept else "")
        table.add_row(*row, style="bold" if kept else None)
    return table


def chosen(records: Sequence[Record], best: int | None) -> list[Record]:
    """Return at most about ten records: the first, the last, the best and evenly spaced ones between."""
    last = len(records) - 1
    kept = {round(i * last / (ROWS - 1)) for i in range(ROWS)} if last >= ROWS else set(range(last + 1))
    return [record for i, record in enumerate(records) if i in kept or record["epoch"] == best]


def _cells(record: Record) -> list[tuple[str, str]]:
    metrics = metrics_of(record)
    names = ["train_loss", "dev_loss"]
    for metric in metrics:
        # Of several targets one side each is enough to read.
        alone = len(metrics) > 1 and f"dev_{metric}" in record
        names += [f"dev_{metric}"] if alone else [f"train_{metric}", f"dev_{metric}"]
    cells = [(name.replace("_", " "), number(record[name])) for name in names if name in record]
    return [*cells, ("rate", f"{record['learning_rate']:.1e}")]
