"""Checkpoints: a training's whole state in one file, so that a crash at any moment loses at most the last minutes.

Weights, optimizer, counters, early stopping and the records travel together in one safetensors file that is
renamed into place: history and weights can never disagree, and a reader finds a whole file or none. (Orbax would
spread them over a folder and cost 0.35 s at start-up.) Two files take turns; should the newer one be damaged on
disk, the older is used.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from netwright.core import tensors
from netwright.core.errors import RunError
from netwright.train.snapshot import Records, Snapshot, host_shapes, to_device

VERSION = 2
HISTORY = "history."
COST_SHARE = 30
"""A save may take one part in this many of the training's time."""


class Checkpoints:
    """Writes snapshots to ``folder``, by turns to two files."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self.clock = folder, clock
        self._due = clock()
        newest = _by_age(folder)
        self._turn = int(newest[0].stem[-1]) if newest else 1

    def offer(self, snapshot: Snapshot) -> None:
        """Save when the last save has been paid off."""
        if self.clock() >= self._due:
            self.save(snapshot)

    def save(self, snapshot: Snapshot) -> None:
        """Save now."""
        started = self.clock()
        self._turn = 1 - self._turn
        write(self.folder / f"checkpoint-{self._turn}.safetensors", snapshot)
        ended = self.clock()
        self._due = ended + COST_SHARE * (ended - started)


def write(path: Path, snapshot: Snapshot) -> None:
    """Write one snapshot."""
    arrays = _named((snapshot.carry, snapshot.stopping))
    if snapshot.records.trace:
        arrays["trace"] = np.stack(snapshot.records.trace)
        arrays["trace_steps"] = np.asarray(snapshot.records.trace_steps)
    history = snapshot.records.history
    columns = list(history[0]) if history else []
    for name in columns:
        arrays[f"{HISTORY}{name}"] = np.asarray([row[name] for row in history])
    position = {"version": VERSION, "epoch": snapshot.epoch, "step": snapshot.step}
    tensors.save(path, arrays, {"position": json.dumps(position), "columns": json.dumps(columns)})


def newest(folder: Path, like: Snapshot) -> Snapshot | None:
    """Return the newest whole checkpoint, or None if there is none; ``like`` tells the expected shapes.

    Raises:
      RunError: the checkpoint belongs to another model or another version of netwright.
    """
    damaged: RunError | None = None
    for path in _by_age(folder):
        try:
            arrays, metadata = tensors.load(path)
        except RunError as error:
            damaged = error
            continue
        return _restore(path, arrays, metadata, like)
    if damaged is not None:
        raise damaged
    return None


def _restore(path: Path, arrays: tensors.Named, metadata: dict[str, str], like: Snapshot) -> Snapshot:
    try:
        position, names = json.loads(metadata["position"]), json.loads(metadata["columns"])
        columns = {name: arrays.pop(f"{HISTORY}{name}").tolist() for name in names}
    except (KeyError, ValueError):
        raise RunError(f"{path}: not a checkpoint of netwright") from None
    if position["version"] != VERSION:
        raise RunError(f"{path}: checkpoint version {position['version']}, this netwright reads {VERSION}")
    records = Records([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])
    if "trace" in arrays:
        records.trace = list(arrays.pop("trace"))
        records.trace_steps = arrays.pop("trace_steps").tolist()
    template = (like.carry, like.stopping)
    leaves, structure = jax.tree_util.tree_flatten_with_path(host_shapes(template))
    expected = {jax.tree_util.keystr(name): tensors.shape_of(leaf) for name, leaf in leaves}
    tensors.check_shapes(path, arrays, expected)
    carry, stopping = to_device(jax.tree.unflatten(structure, [arrays[name] for name in expected]), template)
    return Snapshot(carry, stopping, position["epoch"], position["step"], records)


def _named(tree: Any) -> dict[str, np.ndarray]:
    leaves = jax.tree_util.tree_flatten_with_path(tree)[0]
    return {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}


def _by_age(folder: Path) -> list[Path]:
    paths = [path for path in folder.glob("checkpoint-?.safetensors") if path.stem[-1] in "01"]
    return sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True)
