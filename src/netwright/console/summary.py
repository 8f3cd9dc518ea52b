"""What ``netwright fit`` says: the data before training, the outcome after it."""

import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from rich.text import Text

from netwright.console import scores
from netwright.console.epochs import duration
from netwright.console.terminal import print_block, print_json, results
from netwright.core.controls import Controls
from netwright.core.names import listed
from netwright.data.schema import Schema
from netwright.train.run import Run

MOST_LEFT_OUT = 6
STRENGTHS = ("l1", "l2", "weight_decay", "dropout", "label_smoothing")


def print_data(schema: Schema) -> None:
    """Print what the table holds: the target, columns by kind, those left out and why, missing cells, notes."""
    kinds = Counter(column.kind for column in schema.columns if column.used)
    left_out = [
        f"{column.name} ({column.kind}): {column.note}" for column in schema.columns if not column.used
    ]
    if len(left_out) > MOST_LEFT_OUT:
        left_out[MOST_LEFT_OUT:] = [f"and {len(left_out) - MOST_LEFT_OUT} more"]
    gaps = [
        f"{column.missing:,} in {column.name}" for column in schema.columns if column.used and column.missing
    ]
    results().print(Text(f"{schema.name}: {schema.rows:,} rows", style="bold"))
    print_block(
        {
            "target": schema.target,
            "columns": ", ".join(f"{count} {kind}" for kind, count in kinds.items()),
            "left out": "\n".join(left_out),
            "missing": listed(gaps, 4),
            "note": "\n".join(schema.notes),
        }
    )


def print_run(run: Run, wanted: Controls | None, folder: Path) -> None:
    """Print what was trained, how it went and what to do next.

    Args:
      run: the finished run.
      wanted: the controls asked for; each "auto" among them is marked. None marks nothing.
      folder: where the run is.
    """
    count, words = run.record["rows"], Words(run.controls, wanted)
    rows = {
        "split": ", ".join(f"{name} {rows:,}" for name, rows in count.items() if rows),
        "network": words.network(sum(int(np.prod(array.shape)) for array in run.predictor.params.values())),
        "training": words.training(),
        "regularized": words.strengths(),
        "epochs": _epochs(run),
    }
    if count["dev"]:
        first, *others = scores.words(_dev_of(run), rows_of(run, "dev"))
        rows["dev"] = " ".join(first) + "\n" + ", ".join("\xa0".join(other) for other in others)
    if run.controls.regularization.l1 > 0:
        rows["sparsity"] = _sparsity(run)
    if wanted is not None:
        rows[""] = "* chosen for the data"
    print_block(rows)
    _print_next(run, folder)


def print_run_json(run: Run, folder: Path) -> None:
    """Print a finished run as one JSON object; epochs are counted from 0, as in history.parquet."""
    record = run.record
    dev = _dev_of(run) if record["rows"]["dev"] else {}
    print_json(
        {
            "run": str(folder),
            **{
                name: record[name]
                for name in ("status", "reason", "task", "seed", "best_epoch", "rows", "data")
            },
            "epochs": len(run.history),
            "seconds": float(run.history["seconds"].sum()),
            "dev": dev,
            "dev_intervals_95": scores.intervals(dev, rows_of(run, "dev")),
            "controls": record["controls"],
        }
    )


def _dev_of(run: Run) -> dict[str, float]:
    """Return what training itself saw on the dev rows with the weights kept: to evaluate again would only cost."""
    epochs = run.history.to_dicts()
    best = run.record["best_epoch"]
    row = epochs[-1] if best is None else next(row for row in epochs if row["epoch"] == best)
    return {name.removeprefix("dev_"): value for name, value in row.items() if name.startswith("dev_")}


def rows_of(run: Run, split: str) -> int | None:
    """Return the rows of a split, or None when its rows weigh differently."""
    weighted = (run.record["data"]["origin"] or {}).get("weight")
    return None if weighted else run.record["rows"][split]


class Words:
    """Controls in words; a value that was asked for as "auto" carries a star."""

    def __init__(self, controls: Controls, wanted: Controls | None) -> None:
        self.controls, self.wanted = controls, wanted

    def network(self, parameters: int) -> str:
        """Return what is computed."""
        hidden, parts = self.controls.architecture.hidden, [self._word("architecture.kind")]
        if hidden:
            parts[0] += " " + self._word("architecture.hidden", "-".join(map(str, hidden)))
            parts.append(self._word("architecture.activation"))
        if self.controls.architecture.batch_norm:
            parts.append("batch norm")
        if self.controls.architecture.backbone is not None:
            way = {"features": "the features of", "finetune": "the fine-tuned"}
            parts.append(
                f"on {way[self.controls.architecture.transfer]} {self.controls.architecture.backbone}"
            )
        return ", ".join([*parts, f"{parameters:,} parameters"])

    def training(self) -> str:
        """Return how the cost is minimized."""
        kind = getattr(self.controls.optimization.schedule, "kind", "auto")
        schedule = self._word("optimization.schedule", kind)
        rate = f"rate {self._word('optimization.learning_rate')} ({schedule})"
        loss = "the loss of each target" if self.controls.loss == "auto" else self._word("loss")
        minimized = f"{loss} by {self._word('optimization.rule')}"
        return f"{minimized}, {rate}, batch {self._word('optimization.batch_size')}"

    def strengths(self) -> str:
        """Return what is done against overfitting."""
        found = [
            f"{name.replace('_', ' ')} {self._word(f'regularization.{name}')}"
            for name in STRENGTHS
            if getattr(self.controls.regularization, name)
        ]
        patience = getattr(self.controls.regularization.early_stopping, "patience", None)
        if patience is not None:
            word = self._word("regularization.early_stopping", "early stopping")
            found.append(f"{word} (patience {patience})")
        return ", ".join(found)

    def _word(self, path: str, text: str | None = None) -> str:
        """Return the value of ``group.name``, or ``text`` in its place, with its star."""
        value = _value(self.controls, path)
        said = f"{value:g}" if isinstance(value, float) else str(value)
        auto = self.wanted is not None and _value(self.wanted, path) == "auto"
        return (said if text is None else text) + "*" * auto


def _value(controls: Controls, path: str) -> Any:
    value: Any = controls
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _epochs(run: Run) -> str:
    history, best = run.history, run.record["best_epoch"]
    kept = "" if best is None else f"; weights of epoch {best + 1} kept"
    time = duration(float(history["seconds"].sum()))
    return f"{len(history)} of {run.controls.optimization.epochs} in {time}, {run.record['reason']}{kept}"


def _sparsity(run: Run) -> str:
    kernels, inputs = run.sparsity, len(run.predictor.encoder.feature_names)
    share = float(kernels["zeros"].sum()) / float(kernels["weights"].sum())
    return f"{share:.1%} of the weights are exactly 0, {len(run.used_features)} of {inputs} inputs still used"


def _print_next(run: Run, folder: Path) -> None:
    quoted = shlex.quote(str(folder))
    commands = {f"netwright predict {quoted} DATA -o predictions.csv": "predict new rows"}
    if run.record["rows"]["test"]:
        commands = {f"netwright evaluate {quoted}": "open the test set"} | commands
    width = max(map(len, commands))
    console = results()
    console.print(f"\nThe run is in {folder}. Next:")
    for command, purpose in commands.items():
        console.print(Text.assemble("  ", (command.ljust(width), "cyan"), "  ", (purpose, "dim")))
