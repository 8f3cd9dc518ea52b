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
    gain: Annotated[
        bool, typer.Option("--gain", help="Measure first what the backbone gains over training from scratch.")
    ] = False,
    open: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    json: Json = False,
) -> None:
    """Write a run and its diagnosis as one HTML page.

    The page needs no network. A diagnosis in the run's folder leads it; without one it shows the curves and the
    predictions on the dev rows. With --gain, a run on a backbone shows what that is worth: networks with and without
    it learn from 50, 200, … rows. The test set stays closed.

    Example: netwright report runs/adult-1 --open
    """
    loaded = nw.load(run)
    if gain:
        # Start-up cost: a report alone trains nothing.
        from netwright.measure.gain import gain_of_run
        from netwright.train.restore import data_of

        gain_of_run(loaded, data_of(loaded.record, None))
    path = loaded.report(out)
    if json:
        print_json({"run": run, "report": str(path), "bytes": path.stat().st_size})
    else:
        print(path)
    if open:
        webbrowser.open(path.resolve().as_uri())
