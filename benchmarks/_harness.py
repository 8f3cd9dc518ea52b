"""Alternated timing of live worker processes, its statistics, its table and its record."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import _machine

THREADS = min(2, len(os.sched_getaffinity(0)))
"""Of every side; one where the command is kept to one processor (``taskset -c 1 python -m benchmarks NAME``)."""
ROUNDS = 5
ROUND_SECONDS = 0.4
LONG = 20.0
"""Seconds of an epoch of which one is enough."""
BUSY_LIMIT = 0.1
RESULTS = Path(__file__).parent / "results"

# For all sides: otherwise glibc returns large temporaries to the system and faults them in again each step.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**32), "MALLOC_TRIM_THRESHOLD_": str(2**33)}
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
"""For XLA, whose threads return them whatever the thresholds are; PyTorch's autocast takes twice as long with it."""
THREADING = {
    name: str(THREADS)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
}


class SideFailedError(RuntimeError):
    """A side's process ended; the message is the last line of what it said."""


class Worker:
    """A side's process. It blocks on its stdin between requests, so that only one side works at a time."""

    def __init__(self, workload: str, side: str) -> None:
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._worker", workload, side],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env=environment(**({} if "PyTorch" in side else ONE_ARENA)),
        )

    def request(self, **fields: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(fields) + "\n")
            self._process.stdin.flush()
            reply = self._process.stdout.readline()
        except BrokenPipeError:
            reply = ""
        if not reply:
            self._process.wait()
            self._said.seek(0)
            lines = self._said.read().strip().splitlines()
            raise SideFailedError(lines[-1] if lines else f"exit status {self._process.returncode}")
        return json.loads(reply)

    @property
    def process_id(self) -> int:
        return self._process.pid

    def seconds(self, epochs: int) -> float:
        """Train this many more epochs and return how long they took."""
        return self.request(epochs=epochs)["seconds"]

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        self._said.close()


def limit_processors() -> None:
    """Keep this process, and those it starts, on as many processors as there are threads."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def environment(**extra: str) -> dict[str, str]:
    """The environment of every measured process."""
    return {**os.environ, **ALLOCATOR, **THREADING, "TF_CPP_MIN_LOG_LEVEL": "3", **extra}


@dataclass(frozen=True)
class Timing:
    """What one side showed: seconds for an epoch in each round, and what else it told."""

    side: str
    seconds: tuple[float, ...]
    facts: Mapping[str, Any]

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the range between the quartiles, as a share of the median."""
        ordered = sorted(self.seconds)
        quarter = len(ordered) // 4
        return (ordered[-1 - quarter] - ordered[quarter]) / (2 * self.median)


def alternate(
    sides: Mapping[str, Callable[[int], float]], rounds: int = ROUNDS, round_seconds: float = ROUND_SECONDS
) -> dict[str, tuple[float, ...]]:
    """Return each side's seconds per epoch in each round.

    A side is a function: epochs -> seconds. The sides take turns, forwards then backwards, so that a drift of
    the machine falls on all of them; each trains enough epochs a turn to last ``round_seconds``. A side whose first
    epoch is longer than ``LONG`` has told enough.
    """
    first = {side: train(1) for side, train in sides.items()}
    epochs = {side: max(1, ceil(round_seconds / seconds)) for side, seconds in first.items()}
    turns: dict[str, list[float]] = {side: [] if first[side] < LONG else [first[side]] for side in sides}
    quick = [side for side in sides if not turns[side]]
    for turn in range(rounds):
        for side in quick if turn % 2 == 0 else reversed(quick):
            turns[side].append(sides[side](epochs[side]) / epochs[side])
    return {side: tuple(seconds) for side, seconds in turns.items()}


def ratios(timings: list[Timing], base: str) -> dict[str, float]:
    """Each side's median over that of ``base``; above 1 means that ``base`` is faster."""
    medians = {timing.side: timing.median for timing in timings if timing.seconds}
    return {side: seconds / medians[base] for side, seconds in medians.items()} if base in medians else {}


def machine_facts() -> dict[str, Any]:
    """The machine for the record; says so when it is not idle."""
    machine = _machine.facts()
    if machine["busy_fraction"] > BUSY_LIMIT:
        print(
            f"warning: the machine is {machine['busy_fraction']:.0%} busy; these figures are only indicative"
        )
    return machine


def compare(workload: str, title: str, steps: int, sides: list[str], rounds: int = ROUNDS) -> None:
    """Time the sides of ``benchmarks.<workload>`` against the first, print the table and write the record."""
    machine = _machine.facts()
    if machine["busy_fraction"] > BUSY_LIMIT:
        print(
            f"warning: the machine is {machine['busy_fraction']:.0%} busy; these figures are only indicative"
        )
    workers: dict[str, Worker] = {}
    told: dict[str, dict[str, Any]] = {}
    for side in sides:
        worker = Worker(workload, side)
        try:
            told[side] = worker.request(epochs=None)
            workers[side] = worker
        except SideFailedError as error:
            told[side] = {"unavailable": str(error)}
    foreign = _machine.ForeignLoad([worker.process_id for worker in workers.values()])
    seconds = alternate({side: worker.seconds for side, worker in workers.items()}, rounds)
    machine["foreign_load"] = round(foreign.fraction(), 3)
    if machine["foreign_load"] > BUSY_LIMIT:
        print(f"warning: other processes took {machine['foreign_load']:.0%} of the processors while timing")
    for worker in workers.values():
        worker.close()
    timings = [Timing(side, seconds.get(side, ()), told[side]) for side in sides]
    print(f"## {title}\n\n{table(timings, steps)}\n")
    record(workload, {"title": title, "machine": machine, "sides": [row(t, timings, steps) for t in timings]})


def row(timing: Timing, timings: list[Timing], steps: int) -> dict[str, Any]:
    """One side's line of the record."""
    if not timing.seconds:
        return {"side": timing.side, **timing.facts}
    return {
        "side": timing.side,
        "seconds_per_epoch": timing.median,
        "microseconds_per_step": 1e6 * timing.median / steps,
        "spread": timing.spread,
        "ratio": ratios(timings, timings[0].side).get(timing.side),
        **timing.facts,
        "rounds": timing.seconds,
    }


def table(timings: list[Timing], steps: int) -> str:
    """The comparison as a Markdown table; ratio = this side's time / the first side's."""
    ratio = ratios(timings, timings[0].side)
    lines = [
        "| side | s/epoch | µs/step | spread | ratio | log loss | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for timing in timings:
        if not timing.seconds:
            lines.append(f"| {timing.side} | unavailable: {timing.facts['unavailable']} | | | | | |")
            continue
        cells = [
            timing.side,
            f"{timing.median:.4f}",
            f"{1e6 * timing.median / steps:.1f}",
            f"±{timing.spread:.0%}",
            f"{ratio[timing.side]:.2f}" if timing.side in ratio else "",
            *(f"{timing.facts[name]:.{digits}f}" if name in timing.facts else "" for name, digits in _FACTS),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


_FACTS = (("log_loss", 3), ("peak_mib", 0))


def record(workload: str, result: dict[str, Any]) -> None:
    """Write ``results/<workload>.json``."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{workload}.json").write_text(
        json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
