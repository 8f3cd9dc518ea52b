"""Prediction on files of millions of rows: `netwright predict` beside scikit-learn's pipeline and ONNX Runtime."""

import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl

import netwright as nw
from benchmarks._harness import environment, limit_processors, machine_facts, record
from benchmarks._studies import trying

SIZES, ROUNDS = ((20_000, 40_000), 1) if trying() else ((500_000, 5_000_000), 3)
HIDDEN = (64, 32)
SIDES = {
    "netwright, CSV → CSV": ["-m", "netwright", "predict", "{run}", "{rows}.csv", "-o", "{out}.csv"],
    "netwright, Parquet → Parquet": ["-m", "netwright", "predict", "{run}", "{rows}.parquet", "-o", "{out}.parquet"],
    "its ONNX file in onnxruntime, Parquet → Parquet": [
        "-m", "benchmarks.sides.predict_onnxruntime", "{run}/model.onnx", "{rows}.parquet", "{out}.parquet",
    ],
    "scikit-learn, CSV → CSV": ["-m", "benchmarks.sides.predict_sklearn", "{sklearn}", "{rows}.csv", "{out}.csv"],
    "scikit-learn, Parquet → Parquet": [
        "-m", "benchmarks.sides.predict_sklearn", "{sklearn}", "{rows}.parquet", "{out}.parquet",
    ],
}  # fmt: skip


def main() -> None:
    """Whole processes, from start to the written file; each side's network has the same layers."""
    machine = machine_facts()
    limit_processors()
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _train(folder)
        for size in SIZES:
            _write_rows(folder / str(size), size)
            places = {place: str(folder / place) for place in ("run", "sklearn", "out")}
            for side, words in SIDES.items():
                command = [
                    sys.executable,
                    *(word.format(rows=folder / str(size), **places) for word in words),
                ]
                results.append({"side": side, "rows": size, **_measured(command)})
                print(_line(results[-1]), file=sys.stderr, flush=True)
    print("## Prediction: adult's columns, a network of 64 and 32 units, whole processes\n")
    print("| side | rows | seconds | rows/s | peak MiB |\n|---|---|---|---|---|")
    print("\n".join(_line(result) for result in results), end="\n\n")
    if not trying():
        record("predict", {"machine": machine, "hidden": HIDDEN, "rounds": ROUNDS, "sides": results})


def _train(folder: Path) -> None:
    adult = nw.example("adult")
    controls = nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=HIDDEN), optimization=nw.Optimization(epochs=2)
    )
    nw.fit(adult, controls, out=folder / "run", progress=False).export(folder / "run" / "model.onnx")
    rows = np.arange(len(adult))
    adult.features.take(rows).write_parquet(folder / "adult.parquet")
    np.save(folder / "labels.npy", adult.labels.labels(rows).astype(str))
    subprocess.run(
        [sys.executable, "-m", "benchmarks.sides.predict_sklearn", "train", *map(str, (folder, *HIDDEN))],
        check=True,
    )


def _write_rows(path: Path, count: int) -> None:
    """Write ``count`` of adult's rows, drawn with replacement, as CSV and as Parquet."""
    rows = pl.read_parquet(path.parent / "adult.parquet")
    drawn = rows[np.random.default_rng(0).integers(0, len(rows), count)]
    drawn.write_csv(f"{path}.csv")
    drawn.write_parquet(f"{path}.parquet", row_group_size=1 << 17)


def _measured(command: list[str]) -> dict[str, Any]:
    seconds: list[float] = []
    peak = 0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment())
        # The peak that wait4 tells counts the parent, too, whose memory the child has until it is another program.
        while process.poll() is None:
            peak = max(peak, _peak_kib(process.pid))
            time.sleep(0.02)
        seconds.append(time.perf_counter() - start)
        if process.returncode:
            raise RuntimeError(f"exit status {process.returncode}: {shlex.join(command)}")
    return {"seconds": seconds, "peak_mib": peak / 2**10}


def _peak_kib(process: int) -> int:
    """The most memory that a running process has held so far; 0 before it has begun or after it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _line(result: dict[str, Any]) -> str:
    seconds = median(result["seconds"])
    cells = (
        f"{result['rows']:,}",
        f"{seconds:.1f}",
        f"{result['rows'] / seconds:,.0f}",
        f"{result['peak_mib']:,.0f}",
    )
    return f"| {result['side']} | {' | '.join(cells)} |"
