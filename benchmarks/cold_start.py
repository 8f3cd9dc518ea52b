"""The whole process, from prompt to accuracy: a small network on digits, first time and with a warm cache."""

import gzip
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sklearn

from benchmarks._digits import BATCH, EPOCHS, HIDDEN, RATE
from benchmarks._harness import Timing, environment, limit_processors, machine_facts, ratios, record

ROUNDS = 5
NETWRIGHT = [sys.executable, "-m", "netwright", "fit"]
SAME_WORK = {
    "architecture.hidden": list(HIDDEN),
    "optimization.rule": "adam",
    "optimization.learning_rate": RATE,
    "optimization.schedule": "constant",
    "optimization.batch_size": BATCH,
    "optimization.epochs": EPOCHS,
    "regularization.weight_decay": 0,
    "regularization.dropout": 0,
    "regularization.early_stopping": "null",
    "data.dev_fraction": 0,
}


def main() -> None:
    machine = machine_facts()
    limit_processors()
    with tempfile.TemporaryDirectory() as name:
        seconds = _measure(Path(name))
    timings = [Timing(side, tuple(rounds), {}) for side, rounds in seconds.items()]
    ratio = ratios(timings, "netwright, warm cache")
    print("## Cold start: a whole process that trains on digits\n")
    print("| process | seconds | spread | ratio |\n|---|---|---|---|")
    for timing in timings:
        cells = (timing.side, f"{timing.median:.2f}", f"±{timing.spread:.0%}", f"{ratio[timing.side]:.2f}")
        print(f"| {' | '.join(cells)} |")
    print()
    sides = [
        {
            "process": t.side,
            "seconds": t.median,
            "spread": t.spread,
            "ratio": ratio[t.side],
            "rounds": t.seconds,
        }
        for t in timings
    ]
    record("cold_start", {"machine": machine, "sides": sides})


def _measure(folder: Path) -> dict[str, list[float]]:
    data = folder / "digits.csv"
    bundled = Path(sklearn.__file__).parent / "datasets" / "data" / "digits.csv.gz"
    names = [*(f"pixel_{number}" for number in range(64)), "digit"]
    data.write_text(",".join(names) + "\n" + gzip.decompress(bundled.read_bytes()).decode())
    fit = [*NETWRIGHT, str(data), "--target", "digit", "--task", "multiclass"]
    same_work = [word for name, value in SAME_WORK.items() for word in ("--set", f"{name}={value}")]
    sides: dict[str, Callable[[], float]] = {
        "netwright, warm cache": lambda: _netwright([*fit, *same_work], folder, folder / "warm"),
        "netwright, first time": lambda: _netwright([*fit, *same_work], folder, folder / "cold"),
        "netwright fit digits, warm cache": lambda: _netwright(
            [*NETWRIGHT, "digits"], folder, folder / "warm"
        ),
        "netwright fit digits, first time": lambda: _netwright(
            [*NETWRIGHT, "digits"], folder, folder / "cold"
        ),
    }
    for library in ("sklearn", "pytorch", "keras"):
        command = [sys.executable, "-m", f"benchmarks.sides.digits_{library}", str(data)]
        sides[library] = lambda command=command: _seconds(command)
    for run in sides.values():
        run()  # byte code, the disk's cache, and netwright's warm cache
    turns: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, run in sides.items():
            turns[side].append(run())
    return turns


def _netwright(command: list[str], folder: Path, cache: Path) -> float:
    if cache.name == "cold":
        shutil.rmtree(cache, ignore_errors=True)
    out = folder / "run"
    shutil.rmtree(out, ignore_errors=True)
    return _seconds([*command, "--out", str(out)], NETWRIGHT_CACHE=str(cache))


def _seconds(command: list[str], **extra: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment(**extra))
    return time.perf_counter() - start
