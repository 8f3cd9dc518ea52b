"""Several targets in one network against one network each: Adult and diamonds under every weighting, paired seeds."""

import json
import os
from pathlib import Path
from typing import Any

import polars as pl

import netwright as nw
from benchmarks._harness import RESULTS, machine_facts
from netwright.core import catalog
from netwright.data import examples

SEEDS, EPOCHS = 5, 12
ADULT = Path(examples.__file__).parent / "tables" / "adult.csv.gz"
TARGETS = {
    "adult": ["income-per-year", "hours-per-week", "marital-status"],
    "diamonds": ["price", "cut"],
}
NAME = "multitask"


def main() -> None:
    """Measure each data set under each weighting that the results lack; TRY=1 takes a few rows and seeds."""
    trying = bool(os.environ.get("TRY"))
    path = RESULTS / f"{NAME}{'_try' * trying}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {"cells": {}}
    for data in TARGETS:
        for weighting in sorted(catalog.names("optim.weightings")):
            if f"{data} {weighting}" in found["cells"]:
                continue
            found["cells"][f"{data} {weighting}"] = cell(data, weighting, trying)
            path.write_text(json.dumps(found | {"machine": machine_facts()}, indent=1) + "\n")
    print(table(found["cells"]))


def cell(data: str, weighting: str, trying: bool) -> dict[str, Any]:
    """Return what each target gains under one weighting."""
    controls = nw.Controls(
        architecture=nw.Architecture(kind="mlp", hidden=(64, 64)),
        optimization=nw.Optimization(
            rule="adamw",
            learning_rate=2e-3,
            batch_size=256,
            epochs=EPOCHS,
            targets=nw.Targets(weighting=weighting),
        ),
        regularization=nw.Regularization(dropout=0.1),
    )
    found = nw.negative_transfer(
        dataset(data, 2000 if trying else None), controls, seeds=2 if trying else SEEDS
    )
    print(found, flush=True)
    return found.to_json()


def dataset(data: str, rows: int | None) -> nw.Dataset:
    """Return the rows of a data set, with the columns left out that give a target away."""
    if data == "adult":
        frame, drop = pl.read_csv(ADULT, infer_schema_length=None), ["relationship"]
    else:
        frame, drop = pl.read_parquet(examples.asset_folder() / "diamonds.parquet"), ["rownames"]
    frame = frame if rows is None else frame.sample(rows, seed=0)
    return nw.read(frame, target=TARGETS[data], drop=drop, name=data)


def table(cells: dict[str, Any]) -> str:
    """By data, weighting and target: the dev error alone and together, and the interval of their difference."""
    lines = [
        f"## One network for all targets against one each, {SEEDS} pairs of seeds at {EPOCHS} epochs\n",
        "| data | weighting | target | alone | together | gain (90 %) | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in cells.items():
        for gain in one["gains"]:
            low, middle, high = (gain["gain"][end] for end in ("low", "estimate", "high"))
            between = f"{middle:.4g} ({low:.4g} to {high:.4g})"
            lines.append(
                f"| {' | '.join(name.split())} | {gain['target']} ({gain['metric']}) | {gain['alone']:.4g} | "
                f"{gain['together']:.4g} | {between} | {gain['verdict']} |"
            )
    return "\n".join(lines)
