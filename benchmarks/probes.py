"""Probes: what watching every layer costs, at the default cadence, against the same training without probes."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import netwright as nw
from benchmarks._harness import (
    ROUNDS,
    Timing,
    Worker,
    alternate,
    machine_facts,
    record,
    row,
)
from benchmarks._training import Training
from benchmarks.mlp_20_64_64_2 import WORKLOAD as SMALL
from benchmarks.mlp_784_128_64_10 import WORKLOAD as LARGE
from benchmarks.sides.netwright import as_dataset, controls
from netwright.train import job

WORKLOADS = {"20-64-64-2": SMALL, "784-128-64-10": LARGE}
BASE, WATCHED = "without probes", "probes at the default cadence"


def open_side(side: str) -> Callable[..., dict[str, Any]]:
    """Build a side in this process: ``WORKLOAD/without probes`` or ``WORKLOAD/probes at the default cadence``."""
    name, _, kind = side.partition("/")
    task = WORKLOADS[name]
    train, every = _training(task, watched=kind == WATCHED)

    def answer(epochs: int | None) -> dict[str, Any]:
        if epochs is not None:
            return {"seconds": train(epochs)}
        start = time.perf_counter()
        train(1)
        return {"warm_up_seconds": round(time.perf_counter() - start, 2), "probe_every": every}

    return answer


def _training(task: Training, *, watched: bool) -> tuple[Callable[[int], float], int]:
    dataset = as_dataset(task)
    make_plan: Any = job.make_plan
    plan_of_run: list[Any] = []

    def planned(*args: Any, **kwargs: Any) -> Any:
        plan = make_plan(*args, **kwargs)
        plan_of_run[:] = [plan if watched else replace(plan, probe_every=0)]
        return plan_of_run[0]

    job.make_plan = planned

    def train(epochs: int) -> float:
        run = nw.fit(dataset, controls(task, epochs, "float32"), seed=0, progress=False)
        return float(run.history["seconds"].sum())

    train(1)
    return train, plan_of_run[0].probe_every


def main() -> None:
    machine = machine_facts()
    results = []
    for name, task in WORKLOADS.items():
        workers: dict[str, Worker] = {}
        told: dict[str, Any] = {}
        for kind in (BASE, WATCHED):
            workers[kind] = Worker("probes", f"{name}/{kind}")
            told[kind] = workers[kind].request(epochs=None)
        seconds = alternate({kind: worker.seconds for kind, worker in workers.items()}, 3 * ROUNDS)
        for worker in workers.values():
            worker.close()
        timings = [Timing(kind, seconds[kind], told[kind]) for kind in workers]
        # Neighbouring turns share the machine's mood: their ratio is steadier than that of the medians.
        pairs = np.array(seconds[WATCHED]) / np.array(seconds[BASE]) - 1
        overhead = float(np.median(pairs))
        low, high = np.quantile(pairs, [0.25, 0.75])
        print(f"## Probes on MLP {name}, batch {task.batch}, every {told[WATCHED]['probe_every']} steps\n")
        print("| training | µs/step | spread |\n|---|---|---|")
        for timing in timings:
            print(f"| {timing.side} | {1e6 * timing.median / task.steps:.1f} | ±{timing.spread:.0%} |")
        print(f"\noverhead {overhead:+.1%} (quartiles {low:+.1%} to {high:+.1%})\n")
        sides = [row(timing, timings, task.steps) for timing in timings]
        results.append(
            {"workload": name, "overhead": overhead, "quartiles": [float(low), float(high)], "sides": sides}
        )
    record("probes", {"machine": machine, "workloads": results})
