"""Memory: a CSV file of 5 million rows × 30 columns is read, split, encoded and trained on for one epoch."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

import netwright as nw
from benchmarks._harness import machine_facts, record

ROWS = 5_000_000


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        table = Path(name) / "table.csv"
        _generate(table, ROWS)
        measured = subprocess.run(
            [sys.executable, "-m", "benchmarks.memory", str(table)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        steps = json.loads(measured.stdout.splitlines()[-1])
        megabytes = table.stat().st_size / 2**20
    print(f"## Memory: {ROWS:,} rows × 30 columns, a CSV file of {megabytes:,.0f} MiB\n")
    print("| step | seconds | peak so far (GiB) |\n|---|---|---|")
    for step in steps:
        print(f"| {step['step']} | {step['seconds']:.1f} | {step['peak_gib']:.2f} |")
    print()
    record("memory", {"machine": machine_facts(), "rows": ROWS, "file_mib": megabytes, "steps": steps})


def _generate(path: Path, rows: int) -> None:
    """24 columns of numbers, one of them with gaps, 5 of 3 … 1000 levels, a date and a two-class target."""
    generator = np.random.default_rng(0)
    columns = {f"number {i}": generator.normal(size=rows).round(4) for i in range(19)}
    columns |= {f"count {i}": generator.integers(0, 10 ** (i + 1), rows) for i in range(4)}
    frame = pl.DataFrame(columns).with_columns(
        *(
            pl.Series(f"level {i}", [f"L{level}" for level in range(count)]).gather(
                generator.integers(0, count, rows)
            )
            for i, count in enumerate((3, 8, 20, 100, 1000))
        ),
        pl.Series("day", generator.integers(10_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date),
        pl.when(pl.col("number 1") > -1.5).then(pl.col("number 2")).alias("gaps"),
    )
    target = generator.random(rows) < 1 / (1 + np.exp(-columns["number 0"]))
    frame.with_columns(pl.Series("target", ["no", "yes"]).gather(target.astype(np.int64))).write_csv(path)


def _measure(table: str) -> list[dict[str, float | str]]:
    steps: list[dict[str, float | str]] = []
    start = time.perf_counter()

    def done(step: str) -> None:
        nonlocal start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        steps.append({"step": step, "seconds": time.perf_counter() - start, "peak_gib": peak})
        start = time.perf_counter()

    ds = nw.read(table, target="target")
    done("read")
    prepared = ds.prepare(nw.DataControls(), embeddings=True)
    encoded = [prepared.train.x.nbytes, prepared.dev.x.nbytes, prepared.test.x.nbytes]
    done(f"split and encode ({sum(encoded) / 2**30:.2f} GiB of numbers)")
    del prepared
    optimization = nw.Optimization(epochs=1, batch_size=8192)
    nw.fit(ds, nw.Controls(optimization=optimization), progress=False)
    done("fit, one epoch (encodes again)")
    return steps


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
