"""A study on the terminal: a line a population, and what was found."""

import shlex
import time
from pathlib import Path
from typing import Any

from rich.text import Text

from netwright.console.epochs import duration, number
from netwright.console.terminal import print_block, results
from netwright.tune.study import Study

MATTERS = 4
"""Hyperparameters that are told of as those that matter."""


class Lines:
    """Prints a line a population: the time, how many trials have ended, and the best so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, study: Study) -> None:
        """Print the line of a study so far."""
        width = len(str(study.asked))
        count = f"{study.ended:>{width}}/{study.asked} trials"
        failed = (study.trials["state"] == "FAIL").sum()
        said = f"{duration(time.monotonic() - self._began):>7}  {count}  {best_words(study)}"
        results().print(Text(said + (f"  ({failed} failed)" if failed else "")))


def best_words(study: Study) -> str:
    """Return the best trial so far in one line."""
    if study.ranked.is_empty():
        return "none has a value yet"
    told = f"best {study.metric} {number(study.best_value)}"
    return f"{told}  trial {study.best_number}: {point_words(study.best_point)}"


def point_words(point: dict[str, Any]) -> str:
    """Return hyperparameters in one line, without their groups."""
    told = ((name.partition(".")[2] or name, value) for name, value in point.items())
    return ", ".join(f"{name} {number(v) if isinstance(v, float) else v}" for name, v in told)


def print_outcome(study: Study, folder: Path, again: str) -> None:
    """Print what a study found; ``again`` is the command that goes on if it is not at its end."""
    states = study.trials["state"].value_counts(sort=True).iter_rows()
    point = study.best_point
    matters = list(study.sensitivity().importances.items())[:MATTERS]
    rows = {
        "": f"{study.metric} {number(study.best_value)} of {_rows(study)}: trial {study.best_number}",
        "found": "\n".join(f"{name}={number(v) if isinstance(v, float) else v}" for name, v in point.items()),
        "matters": ", ".join(f"{name.partition('.')[2] or name} {share:.0%}" for name, share in matters),
        "trials": ", ".join(f"{count} {state.lower()}" for state, count in states) + f": {study.reason}",
        "trained": f"{study.compute:,} examples × epochs",
        "model": str(folder),
    }
    results().print()
    print_block({name: text for name, text in rows.items() if text})
    if study.ended < study.asked:
        results().print(f"\nGo on with: {again}")
    results().print(
        f"\n{_rows(study).capitalize()} have chosen it; only the test rows judge: "
        f"netwright evaluate {shlex.quote(str(folder))}"
    )


def _rows(study: Study) -> str:
    return "the dev rows" if study.cv is None else f"the rows that {study.cv} folds left out"
