"""``netwright tune``."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import netwright as nw
from netwright.console.options import (
    Columns,
    ControlsFile,
    Drop,
    Image,
    Json,
    LearnFrom,
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
from netwright.core.duration import seconds_of

if TYPE_CHECKING:
    from netwright.tune.space import Space


def tune(
    data: LearnFrom,
    target: Target = None,
    search: Annotated[
        str,
        typer.Option(metavar="NAME", help="grid, random, quasi, bayes, tpe, halving or hyperband."),
    ] = "tpe",
    trials: Annotated[int, typer.Option(min=1, metavar="N", help="Points to try.")] = 64,
    space: Annotated[
        Columns | None,
        typer.Option(
            metavar="NAME=RANGE",
            help="1e-4..1e-1:log, 16..256:int,log or [64]|[128,64]; can be repeated.",
            show_default="what matters most for the data",
        ),
    ] = None,
    space_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML or JSON file of such ranges by name.")
    ] = None,
    refine: Annotated[
        int, typer.Option(min=0, metavar="N", help="Times to shrink the space around the best trials.")
    ] = 0,
    cv: Annotated[
        int | None, typer.Option(min=2, metavar="K", help="Folds that decide, instead of the dev rows.")
    ] = None,
    budget: Annotated[str | None, typer.Option(metavar="TIME", help="Time to spend: 90s, 10m, 1.5h.")] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Database of the trials, which machines may share.",
            show_default="DIR/study.db",
        ),
    ] = None,
    executor: Annotated[str, typer.Option(metavar="NAME", help="local, processes or ray.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes, or workers of Ray.")
    ] = None,
    task: Task = None,
    controls: ControlsFile = None,
    set: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder of the trials and the best run.", show_default="runs/DATA-tuned-N"
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page of the study.")] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the study.")] = 0,
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
    """Search a space of controls for the lowest error.

    Trials train side by side as one compiled program. The dev rows decide, or folds; the best network is kept as a
    run. Asked again with the same --out, it goes on where it was.

    Example: netwright tune adult.csv --target income --search hyperband --trials 64
    """
    wanted = controls_of(controls, set)
    if budget is not None:
        seconds_of(budget, "--budget")
    searched = _space_of(space, space_file)
    # Start-up cost: these import Polars and JAX.
    from netwright.console import sources, summary, terminal, tuned

    options = {"task": task, "drop": drop, "weight": weight, "encoding": encoding}
    options |= {"image": image, "skip_corrupt": skip_corrupt, "text": text}
    options |= {"sequence": sequence, "time": time}
    dataset = sources.to_learn(data, target, options)
    told = not (json or quiet)
    if told:
        summary.print_data(dataset.schema)
        terminal.results().print()
    folder = out or free_folder(Path("runs"), f"{dataset.name}-tuned")
    try:
        study = nw.tune(
            dataset,
            searched,
            search,
            trials=trials,
            budget=budget,
            cv=cv,
            storage=storage,
            executor=executor,
            controls=wanted,
            seed=seed,
            refine=refine,
            out=folder,
            progress=tuned.Lines() if told else None,
            workers=workers,
        )
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(
            f"interrupted; all trials told of are kept; go on with: {_again(out, folder)}"
        ) from interrupt
    if report is not None:
        study.report(report)
    best = study.best.path or folder
    if json:
        terminal.print_json(study.to_json() | {"folder": str(folder), "run": str(best)})
    elif told:
        tuned.print_outcome(study, best, _again(out, folder))
    else:
        print(best)


def _space_of(texts: list[str] | None, file: Path | None) -> "Space | None":
    if not texts and file is None:
        return None
    dimensions = {} if file is None else dict(nw.Space.read(file).dimensions)
    return nw.Space(dimensions | (dict(nw.Space.parse(texts).dimensions) if texts else {}))


def _again(out: Path | None, folder: Path) -> str:
    """Return the command that goes on."""
    words = ["netwright", *sys.argv[1:]]
    return shlex.join(words if out is not None else [*words, "--out", str(folder)])
