"""``netwright fit``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

import netwright as nw
from netwright.console.options import Json, Quiet

Columns = list[str]


def fit(
    data: Annotated[str, typer.Argument(metavar="DATA", help="A table file, or an example such as adult.")],
    target: Annotated[
        str | None, typer.Option(metavar="COL", help="Column to predict; examples have their own.")
    ] = None,
    task: Annotated[
        Literal["binary", "multiclass", "regression"] | None,
        typer.Option(help="By default what the target asks for."),
    ] = None,
    controls: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML or JSON file of controls; what it leaves out is chosen."),
    ] = None,
    set: Annotated[
        Columns | None,
        typer.Option(metavar="GROUP.NAME=VALUE", help="One control, over the file's; can be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the run.", show_default="runs/DATA-N")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of weights, order and dropout.")] = 0,
    drop: Annotated[
        Columns | None, typer.Option(metavar="COL", help="Leave a column out; can be repeated.")
    ] = None,
    categorical: Annotated[
        Columns | None, typer.Option(metavar="COL", help="Read a column as categories; can be repeated.")
    ] = None,
    numeric: Annotated[
        Columns | None, typer.Option(metavar="COL", help="Read a column as numbers; can be repeated.")
    ] = None,
    weight: Annotated[str | None, typer.Option(metavar="COL", help="Column of sample weights.")] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of a text file, such as latin-1.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a network on a table and keep it in a run's folder.

    What is not set is chosen for the data. Ctrl-C saves the state and prints the command to go on.

    Example: netwright fit adult.csv --target income --set optimization.epochs=20
    """
    wanted = nw.Controls() if controls is None else nw.Controls.from_file(controls)
    for setting in set or ():
        wanted = wanted.with_setting(setting)
    # Start-up cost: these import Polars and JAX.
    from netwright.console import session, sources, summary
    from netwright.train.folder import FolderTakenError, RunFolder

    if out is not None:
        RunFolder(out).check_free()
    options = {"task": task, "drop": drop, "categorical": categorical, "numeric": numeric}
    dataset = sources.to_learn(data, target, options | {"weight": weight, "encoding": encoding})
    told = not (json or quiet)
    if told:
        summary.print_data(dataset.schema)
    while True:
        folder = out or free_folder(Path("runs"), dataset.name)
        try:
            with session.resumable(folder):
                run = session.fit(dataset, wanted, seed=seed, out=folder, progress=not quiet)
            break
        except FolderTakenError:
            # Another training took the number in the meantime.
            if out is not None:
                raise
    if json:
        summary.print_run_json(run, folder)
    elif told:
        summary.print_run(run, wanted, folder)
    else:
        print(folder)


def free_folder(runs: Path, name: str) -> Path:
    """Return ``runs/name-n`` with the next number that no folder has."""
    name = "".join(c if c.isalnum() or c in "._-" else "-" for c in name)
    taken = [path.name.rpartition("-")[2] for path in runs.glob(f"{name}-*")]
    return runs / f"{name}-{max((int(number) for number in taken if number.isdecimal()), default=0) + 1}"
