"""Progress with a console and a clock of the test's own."""

import io
import re

import pytest
from rich.console import Console

from netwright.console.epochs import chosen, duration, epoch_line, metrics_of, number
from netwright.console.progress import Progress
from netwright.train.events import ChunkDone, EpochDone, Finish, Start

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(epoch, dev=True):
    judged = {"dev_loss": 0.5 + (epoch - 3) ** 2 / 100, "dev_accuracy": 0.8} if dev else {}
    base = {"epoch": epoch, "step": epoch * 10, "train_loss": 1 / (epoch + 1), "train_accuracy": 0.75}
    return base | judged | {"learning_rate": 1e-3, "seconds": 2.0}


def screen(width=80, terminal=True):
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None, force_jupyter=False,
                   _environ={"TERM": "xterm"} if terminal else {})  # fmt: skip


def train(progress, clock, epochs, dev=True, seconds=2.0):
    progress.on_start(Start(epochs, 10, 0, "accuracy", 1234))
    for epoch in range(epochs):
        clock.now += seconds / 2
        progress.on_chunk(ChunkDone(epoch, 5))
        clock.now += seconds / 2
        progress.on_epoch(EpochDone(epoch, record(epoch, dev)))


@pytest.mark.parametrize("width", [80, 120])
def test_the_live_display_fits_and_says_how_far(width):
    console, clock = screen(width), Clock()
    with Progress(console, clock) as (shown,):
        console.file.truncate(0)
        train(shown, clock, 4)
        said = console.file.getvalue()
        shown.on_start(Start(6, 10, 4, "accuracy", 1234))
        shown.on_epoch(EpochDone(4, record(4)))
    lines = [line for line in CONTROL.sub("", said).split("\n") if "epoch 2/4" in line]
    assert "15/40 steps" in lines[-1]
    assert "5.0 s left" in lines[-1]  # 10 steps in 2 s since the first report, 25 steps to go
    assert len(lines[-1].rpartition("\r")[2]) <= width
    assert "loss 0.5000  dev loss 0.5400  dev accuracy 0.8000  rate 1.0e-03  best epoch 2" in said


def test_the_table_takes_the_bars_place():
    console, clock = screen(), Clock()
    with Progress(console, clock) as (shown,):
        train(shown, clock, 30)
        console.file.truncate(0)
        shown.on_finish(Finish("all epochs done", 3))
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    rows = [line for line in lines if line and line[0].isdigit()]
    assert [row[0] for row in rows] == ["1", "4", "7", "11", "14", "17", "20", "24", "27", "30"]
    assert [row[0] for row in rows if row[-1] == "best"] == ["4"]


def test_the_terminal_is_left_in_order_after_an_error():
    console, clock = screen(), Clock()
    progress = Progress(console, clock)

    def break_off():
        with progress as (shown,):
            train(shown, clock, 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert console.file.getvalue().count(HIDE_CURSOR) == console.file.getvalue().count(SHOW_CURSOR) == 1


def test_before_the_first_event_the_display_says_so():
    console = screen()
    with Progress(console, Clock()):
        assert "preparing the data" in console.file.getvalue()


def test_lines_are_few_and_the_last_epoch_is_among_them():
    console, clock = screen(terminal=False), Clock()
    with Progress(console, clock) as (shown,):
        train(shown, clock, 1000, seconds=0.01)
        shown.on_finish(Finish("early stopping", 3))
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "training: 1,234 parameters, at most 1000 epochs of 10 steps"
    assert [line.split()[1] for line in lines[1:4]] == ["1/1000", "51/1000", "101/1000"]
    assert lines[-2].startswith("epoch 1000/1000")
    assert lines[-1] == "end: early stopping"
    assert len(lines) == 23


def test_slow_epochs_are_told_each_minute():
    console, clock = screen(terminal=False), Clock()
    with Progress(console, clock) as (shown,):
        train(shown, clock, 200, seconds=30.0)
    epochs = [line.split()[1] for line in console.file.getvalue().splitlines()[1:]]
    assert epochs[:4] == ["1/200", "3/200", "5/200", "7/200"]


def test_without_dev_rows_the_training_metric_is_told():
    assert epoch_line(record(0, dev=False), 10) == (
        "epoch  1/10  train loss 1.0000  train accuracy 0.7500  rate 1.0e-03  2.0 s"
    )
    assert metrics_of({"train_loss": 1.0, "learning_rate": 0.1}) == []


def test_few_epochs_are_all_in_the_table():
    records = [record(i) for i in range(9)]
    assert chosen(records, 3) == records
    many = [record(i) for i in range(200)]
    assert [r["epoch"] for r in chosen(many, 23)][:3] == [0, 22, 23]
    assert len(chosen(many, 23)) == 11


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.003, "3 ms"), (1.23, "1.2 s"), (59, "59 s"), (125, "2:05"), (3725, "1:02:05")]
)
def test_duration(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0.0000"), (0.25, "0.2500"), (1e-5, "1e-05"), (12345.6, "1.23e+04")]
)
def test_number(value, said):
    assert number(value) == said
