"""``netwright report``."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

import netwright as nw
from netwright.console.options import Json, RunFolder
from netwright.console.terminal import print_json


def report(
    run: RunFolder,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="Where to write it.", show_default="RUN/report.html"
        ),
    ] = None,
    open: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    json: Json = False,
) -> None:
    """Write a run and its diagnosis as one HTML page.

    The page needs no network. A diagnosis in the run's folder leads it; without one it shows the curves and the
    predictions on the dev rows. The test set stays closed.

    Example: netwright report runs/adult-1 --open
    """
    path = nw.load(run).report(out)
    if json:
        print_json({"run": run, "report": str(path), "bytes": path.stat().st_size})
    else:
        print(path)
    if open:
        webbrowser.open(path.resolve().as_uri())
