"""``netwright compare``."""

from pathlib import Path
from typing import Annotated

import typer

import netwright as nw
from netwright.console.options import (
    Columns,
    ControlsFile,
    Drop,
    Image,
    Json,
    Quiet,
    Sequence,
    Settings,
    SkipCorrupt,
    Target,
    Task,
    TextColumns,
    TextEncoding,
    Time,
    Weight,
)
from netwright.console.wanted import controls_of, free_folder


def compare(
    what: Annotated[
        Columns,
        typer.Argument(metavar="DATA|RUN", help="What to learn, or the folders of finished runs."),
    ],
    vary: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="rules, schedules, initializers, or GROUP.NAME=VALUE|VALUE|…"),
    ] = None,
    alternative: Annotated[
        Columns | None,
        typer.Option(
            metavar="SETTING;SETTING…", help="One alternative, as --set would have it; to be repeated."
        ),
    ] = None,
    target: Target = None,
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="Trainings an alternative.")] = 5,
    rates: Annotated[
        str | None,
        typer.Option(
            metavar="RATE,RATE…",
            help="Learning rates to choose from.",
            show_default="1e-4 to 10 in half decades",
        ),
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            metavar="ERROR", help="Count the steps to this dev error.", show_default="what half reach"
        ),
    ] = None,
    task: Task = None,
    controls: ControlsFile = None,
    set: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the page.", show_default="runs/DATA-compared-N"),
    ] = None,
    drop: Drop = None,
    weight: Weight = None,
    encoding: TextEncoding = None,
    image: Image = None,
    skip_corrupt: SkipCorrupt = False,
    text: TextColumns = None,
    sequence: Sequence = None,
    time: Time = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put rules, schedules, initializers or runs side by side.

    Trains the same network with every one of them, or under any settings, from the same start: with the same seeds,
    and unless optimization.learning_rate is set each at its own best of a few learning rates. A table here, and a
    page with the curves, which needs no network.

    Example: netwright compare adult.csv --target income --vary rules
    """
    trains = vary is not None or alternative is not None
    if vary is not None and alternative is not None:
        raise typer.BadParameter("--vary and --alternative: expected one of them")
    if trains and len(what) > 1:
        raise typer.BadParameter(f"found {len(what)} data sets, expected one to train on")
    if not trains and len(what) < 2:
        raise typer.BadParameter("expected two or more runs, or --vary rules for data to train on")
    wanted = controls_of(controls, set)
    # Start-up cost: these import Polars and JAX.
    from netwright.console import compared, sources
    from netwright.console.terminal import print_json, print_progress

    told = None if json or quiet else print_progress
    if trains:
        options = {"task": task, "drop": drop, "weight": weight, "encoding": encoding}
        options |= {"image": image, "skip_corrupt": skip_corrupt, "text": text}
        options |= {"sequence": sequence, "time": time}
        dataset = sources.to_learn(what[0], target, options)
        grid = {} if rates is None else {"rates": compared.rates_of(rates)}
        found = nw.compare(
            dataset, vary or alternative or "", wanted, seeds=seeds, level=level, progress=told, **grid
        )
        name = f"{dataset.name}-compared"
    else:
        found, name = nw.compare_runs(what, level=level), "compared"
    folder = out or free_folder(Path("runs"), name)
    compared.write(found, folder)
    if json:
        print_json({"folder": str(folder)} | found.to_json())
    elif quiet:
        print(folder)
    else:
        compared.print_comparison(found, folder / compared.PAGE)
