"""``nw.compare_runs``: finished runs side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netwright.compare.comparison import Comparison, flat, ordered, unequal
from netwright.compare.entry import Entry, end_of, metric_of, shares
from netwright.core.errors import ControlError, DataError, RunError
from netwright.core.names import listed
from netwright.data.targets import require_one
from netwright.measure.rows import dev_of, run_errors
from netwright.train.restore import load
from netwright.train.run import Run


def compare_runs(runs: Sequence[Run | str | Path], *, level: float | None = None) -> Comparison:
    """Put finished runs side by side by their histories and what they say of their dev rows.

    Runs that differ in the seed alone are one alternative, with a band over its seeds. An alternative is named by
    the controls in which it differs from the others. Differences of errors are told where all runs have the same
    dev rows and those can be read again. The test sets stay closed.

    Args:
      runs: runs or their folders, two or more.
      level: as for :func:`netwright.compare`.

    Raises:
      ControlError: there are fewer than two runs, or they do not learn the same kind of target.
      RunError: a folder holds no finished run.
      DataError: a run had no dev rows.
    """
    opened = [run if isinstance(run, Run) else load(run) for run in runs]
    for run in opened:
        require_one(run.targets, "compare")
    if len(opened) < 2:
        raise ControlError(f"compare: found {len(opened)} run, expected two or more")
    metrics = {metric_of(run.history) for run in opened}
    if None in metrics:
        raise DataError("compare: a run had no dev rows to compare by")
    if len(metrics) > 1:
        raise ControlError("compare: found runs that predict classes and runs that predict numbers")
    groups: dict[str, list[Run]] = {}
    for run in opened:
        groups.setdefault(f"{run.dataset_fingerprint}\n{run.controls.to_json()}", []).append(run)
    rows = _rows(opened)
    names = _names(list(groups.values()))
    entries = [
        Entry(
            name,
            group[0].controls,
            tuple(run.seed for run in group),
            tuple(run.history for run in group),
            ends := np.array([end_of(run) for run in group]),
            None
            if rows is None
            else np.stack([shares(rows[id(run)], end) for run, end in zip(group, ends, strict=True)]),
        )
        for name, group in zip(names, groups.values(), strict=True)
    ]
    data = listed(dict.fromkeys(str(run.record["data"]["name"]) for run in opened))
    return ordered(data, entries, level, _how(opened, rows is not None))


def _rows(runs: Sequence[Run]) -> dict[int, np.ndarray] | None:
    """Return the error of every dev row by run, or None where the rows are not the same or not at hand."""
    try:
        parts = [run.prepared for run in runs]
        if (
            len(
                {
                    (run.dataset_fingerprint, one.splits.dev.tobytes())
                    for run, one in zip(runs, parts, strict=True)
                }
            )
            > 1
        ):
            return None
        return {id(run): run_errors(run, dev_of(one)) for run, one in zip(runs, parts, strict=True)}
    except (DataError, RunError):
        return None


def _how(runs: Sequence[Run], same_rows: bool) -> str:
    text = f"{len(runs)} finished runs, each as it was trained, at its own learning rate and its own seed."
    if len({run.dataset_fingerprint for run in runs}) > 1:
        return text + " They learned different data: their errors are not of the same rows."
    return text + (
        "" if same_rows else " Their dev rows differ or are not at hand: differences are not told."
    )


def _names(groups: Sequence[Sequence[Run]]) -> list[str]:
    """Return a name for each group: the controls it does not share with all, else its folder or its seeds."""
    fields = [flat(group[0].controls) for group in groups]
    unlike = unequal(fields)
    return _distinct(
        [_words(one, unlike) or _place(group) for one, group in zip(fields, groups, strict=True)]
    )


def _words(fields: Mapping[str, Any], names: Sequence[str]) -> str:
    return ", ".join(f"{name.rpartition('.')[2]}={_short(fields[name])}" for name in names if name in fields)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace(" ", "")


def _place(group: Sequence[Run]) -> str:
    path = group[0].path
    return f"seed {group[0].seed}" if path is None else path.name


def _distinct(names: Sequence[str]) -> list[str]:
    return [f"{name} ({place + 1})" if names.count(name) > 1 else name for place, name in enumerate(names)]
