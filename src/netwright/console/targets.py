"""Runs of several targets: the one that a command is about, and what the targets gain by each other."""

from pathlib import Path

import typer

from netwright.console.terminal import print_json, results
from netwright.core.errors import RunError
from netwright.core.names import listed
from netwright.measure.negative_transfer import FILE, negative_transfer
from netwright.train.restore import load
from netwright.train.run import Run

FOLDER = "targets"
"""Within the folder of a run of several targets: a run of each that was asked for alone."""


def alone(run: Run, target: str | None, folder: str) -> Run:
    """Return a run of one target as it is, and of several targets the run of the one.

    Raises:
      BadParameter: it has several targets, and none is named.
      ControlError: it has no such target.
    """
    if not run.targets:
        return run
    if target is None:
        raise typer.BadParameter(
            f"{folder} has {len(run.targets)} targets; expected --target COL, one of {listed(run.targets)}"
        )
    return run.of(target)


def kept_alone(run: Run, target: str) -> tuple[Run, str]:
    """Return the run of one of several targets, and its folder within the run's: it is kept there.

    Raises:
      ControlError: the run has no such target.
      RunError: the target's name cannot be that of a folder.
    """
    assert run.path is not None, "a run that was loaded has a folder"
    one = run.of(target)
    path = run.path / FOLDER / target
    if Path(target).name != target or target in (".", ".."):
        raise RunError(
            f"target '{target}': its name cannot be that of a folder; use run.of({target!r}).diagnose()"
        )
    if not path.exists():
        one.save(path)
    return load(path), str(path)


def print_transfer(run: Run, folder: str, *, seeds: int, json: bool) -> None:
    """Train a run's targets together and each alone; print what each gains, and keep it in the run's folder."""
    found = negative_transfer(run, seeds=seeds)
    found.save(Path(folder) / FILE)
    if json:
        print_json({"run": folder, **found.to_json()})
        return
    results().print(str(found), markup=False, highlight=False)
    results().print(f"One target alone: netwright diagnose {folder} --target {run.targets[0]}", markup=False)
