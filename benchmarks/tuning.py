"""64 configurations on digits and Adult: `nw.tune` against Optuna + PyTorch, KerasTuner and Ray Tune, same work."""

import json
import os
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from statistics import median
from typing import Any

from benchmarks._harness import RESULTS, SideFailedError, Worker, machine_facts, record

FIRST = "netwright, first time"
SIDES = {
    FIRST: "tuning_netwright",
    "netwright, second time": "tuning_netwright",
    "Optuna + PyTorch": "tuning_optuna",
    "Optuna + PyTorch, 2 processes": "tuning_optuna_processes",
    "Ray Tune + PyTorch": "tuning_ray",
    "KerasTuner": "tuning_keras",
}
ROUNDS = 3
LONG = 60
"""Seconds above which one round tells enough."""
TITLE = "64 configurations: wall time and best dev error"


def main() -> None:
    """Every round is a fresh process a side, that starts with nothing compiled, but for what the second time on a
    machine finds; what is measured is not run again."""
    trying = bool(os.environ.get("TRY"))
    name = "tuning_try" if trying else "tuning"
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text())["datasets"] if path.is_file() else {}
    for turn in range(1 if trying else ROUNDS):
        for dataset in ("digits", "adult"):
            sides = list(SIDES) if turn % 2 == 0 else list(reversed(SIDES))
            for side in sides:
                told = found.setdefault(dataset, {}).setdefault(side, [])
                if len(told) > turn or any(one.get("seconds", 0.0) >= LONG for one in told):
                    continue
                told.append(_answer(side, dataset, trying))
                print(f"{dataset}: {side}: {told[-1]}", flush=True)
                record(name, {"title": TITLE, "machine": machine_facts(), "datasets": found})
    print(table(found))


def _answer(side: str, dataset: str, trying: bool) -> dict[str, Any]:
    # An empty cache: the first tuning on a machine is what is timed, and the second beside it.
    with tempfile.TemporaryDirectory() as cache:
        os.environ["NETWRIGHT_CACHE"] = cache
        if side.endswith("second time"):
            _asked(side, dataset, trying)
        return _asked(side, dataset, trying)


def _asked(side: str, dataset: str, trying: bool) -> dict[str, Any]:
    worker = Worker("tuning", side)
    try:
        return worker.request(dataset=dataset, trying=trying)
    except SideFailedError as error:
        return {"unavailable": str(error)}
    finally:
        worker.close()


def open_side(side: str) -> Callable[..., dict[str, Any]]:
    from benchmarks._tuning import TRIED, WORKS  # the parent process needs neither netwright nor its data

    tune = import_module(f"benchmarks.sides.{SIDES[side]}").tune

    def answer(dataset: str, trying: bool) -> dict[str, Any]:
        work = (TRIED if trying else WORKS)[dataset]
        _ = work.data
        start = time.perf_counter()
        errors = tune(work)
        seconds = time.perf_counter() - start
        return {
            "seconds": seconds,
            "best": min(errors),
            "median": median(errors),
            "configurations": len(errors),
        }

    return answer


def table(found: dict[str, Any]) -> str:
    """Seconds are the median of the rounds; the ratio is to netwright's the first time."""
    lines = [
        f"## {TITLE}\n",
        "| data | side | s | ratio | best dev error | median dev error |",
        "|---|---|---|---|---|---|",
    ]
    for dataset, sides in found.items():
        times = {side: [one["seconds"] for one in told if "seconds" in one] for side, told in sides.items()}
        base = median(times[FIRST]) if times.get(FIRST) else float("nan")
        for side, told in sides.items():
            if not times[side]:
                lines.append(f"| {dataset} | {side} | unavailable: {told[0]['unavailable']} | | | |")
                continue
            best, middle = (median(one[name] for one in told if name in one) for name in ("best", "median"))
            took = median(times[side])
            lines.append(
                f"| {dataset} | {side} | {took:.1f} | {took / base:.1f} | {best:.2%} | {middle:.2%} |"
            )
    return "\n".join(lines) + "\n"
