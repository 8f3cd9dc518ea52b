"""Transfer beside training from scratch, over the number of labelled rows; a table that goes on where it stopped."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from statistics import mean
from typing import Any

import numpy as np

import netwright as nw
from benchmarks._harness import RESULTS, machine_facts, record
from netwright.data.prepared import Prepared
from netwright.measure.subsets import random_subset
from netwright.train import fit_population
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.pretrained import prepare

WAYS = ("scratch", "features", "finetune")
SIZES = (50, 200, 1_000)
"""Labelled rows, those that are kept to stop by included; after these all there are."""
SEEDS = 3
DEV_SHARE = 0.2


def fill(name: str, backbone: str, datasets: Sequence[str], finetune: Mapping[str, Any]) -> None:
    """Train all cells that are not in ``results/<name>.json`` yet, print each and the table.

    One seed from few rows to many, then the others size by size, so that what is there when the time is up can be
    read.

    Args:
      finetune: controls of the optimization that fine-tuning gets beside the defaults.
    """
    trying = _trying()
    name = f"{name}_try" if trying else name
    path = RESULTS / f"{name}.json"
    cells: dict[str, Any] = json.loads(path.read_text())["cells"] if path.is_file() else {}
    for seed, size in [(0, 50)] if trying else _order():
        for dataset in datasets[:1] if trying else datasets:
            for way in WAYS:
                key = f"{dataset}/{size or 'all'}/{way}/{seed}"
                if key in cells:
                    continue
                cells[key] = _cell(dataset, backbone, way, size, seed, finetune)
                record(name, {"machine": machine_facts(), "backbone": backbone, "cells": cells})
                print(f"{key}: {cells[key]['accuracy']:.2%} in {cells[key]['seconds']:.0f} s", flush=True)
    print(table(cells, datasets))


def _order() -> list[tuple[int, int | None]]:
    """Return each (seed, size); size None is all rows."""
    pairs = [(seed, size) for seed in range(SEEDS) for size in (*SIZES, None)]
    return sorted(pairs, key=lambda pair: (pair[0] > 0, pair[1] or float("inf"), pair[0]))


def _cell(
    dataset: str, backbone: str, way: str, size: int | None, seed: int, finetune: Mapping[str, Any]
) -> dict[str, float]:
    prepared = _prepared(dataset, backbone, way, seed)
    if size is not None:
        prepared = _few(prepared, size, seed)
    controls = _controls(backbone, way, seed)
    if way == "finetune":
        controls = controls.replace(optimization=controls.optimization.replace(**finetune))
    start = time.perf_counter()
    population = fit_population(prepared, resolve(controls, facts_of(prepared)), seeds=[seed])
    seconds = time.perf_counter() - start
    test = prepared.test
    assert test is not None, "the split leaves test rows"
    outputs = population.outputs("test")[0]
    said = outputs.argmax(axis=1) if outputs.ndim == 2 else outputs > 0
    return {"accuracy": float(np.mean(said == test.y)), "seconds": seconds, "rows": len(prepared.train)}


def _trying() -> bool:
    """Whether to run a small part only, to see that it works: ``TRY=1 python -m benchmarks NAME``."""
    return bool(os.environ.get("TRY"))


@cache
def _prepared(dataset: str, backbone: str, way: str, seed: int) -> Prepared:
    return prepare(_rows(dataset), _controls(backbone, way, seed))


def _rows(dataset: str) -> nw.Dataset:
    whole = nw.example(dataset)
    if not _trying():
        return whole
    rows = np.random.default_rng(0).permutation(len(whole))[:120]
    features = whole.features.take(rows)
    X = features["text"].to_list() if hasattr(features, "columns") else features
    return nw.Dataset.from_arrays(X, whole.labels.labels(rows), name=dataset)


def _few(prepared: Prepared, size: int, seed: int) -> Prepared:
    """Keep so many labelled rows, to learn from and to stop by; the test rows stay."""
    splits, generator = prepared.splits, np.random.default_rng((size, seed))
    held_out = round(DEV_SHARE * size)
    train = splits.train[random_subset(prepared, size - held_out, generator)]
    dev = generator.choice(splits.dev, held_out, replace=False)
    return replace(prepared, splits=replace(splits, train=train, dev=dev))


def _controls(backbone: str, way: str, seed: int) -> nw.Controls:
    architecture = nw.Architecture()
    if way != "scratch":
        architecture = nw.Architecture(backbone=backbone, transfer=way)
    return nw.Controls(architecture=architecture, data=nw.DataControls(split_seed=seed))


def table(cells: Mapping[str, Any], datasets: Sequence[str]) -> str:
    """Return the mean test accuracy of each way at each size, its range over seeds, and the mean seconds."""
    lines = [f"| data | rows | seeds | {' | '.join(WAYS)} |", f"|---|---|---|{'---|' * len(WAYS)}"]
    for dataset in datasets:
        for size in (*SIZES, "all"):
            ways = [
                [cell for key, cell in cells.items() if key.startswith(f"{dataset}/{size}/{way}/")]
                for way in WAYS
            ]
            if any(ways):
                told = " | ".join(_told(found) for found in ways)
                lines.append(f"| {dataset} | {size} | {max(map(len, ways))} | {told} |")
    return "\n".join(lines)


def _told(cells: Sequence[Mapping[str, float]]) -> str:
    if not cells:
        return "–"
    found = [cell["accuracy"] for cell in cells]
    between = f"{min(found):.1%} to {max(found):.1%}, " if len(found) > 1 else ""
    return f"{mean(found):.1%} ({between}{mean(cell['seconds'] for cell in cells):.0f} s)"
