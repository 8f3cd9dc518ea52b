"""``netwright fit``."""

from pathlib import Path
from typing import Annotated

import typer

from netwright.console.options import (
    Backbone,
    Columns,
    ControlsFile,
    Coordinator,
    Devices,
    Distributed,
    Drop,
    Image,
    Json,
    LearnFrom,
    Process,
    Processes,
    Quiet,
    Sequence,
    Settings,
    SkipCorrupt,
    Target,
    Task,
    TextColumns,
    TextEncoding,
    Time,
    Transfer,
    Weight,
)
from netwright.console.together import join
from netwright.console.wanted import controls_of, free_folder, on_backbone


def fit(
    data: LearnFrom,
    target: Target = None,
    task: Task = None,
    controls: ControlsFile = None,
    set: Settings = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the run.", show_default="runs/DATA-N")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of weights, order and dropout.")] = 0,
    drop: Drop = None,
    categorical: Annotated[
        Columns | None, typer.Option(metavar="COL", help="Read a column as categories; can be repeated.")
    ] = None,
    numeric: Annotated[
        Columns | None, typer.Option(metavar="COL", help="Read a column as numbers; can be repeated.")
    ] = None,
    weight: Weight = None,
    encoding: TextEncoding = None,
    image: Image = None,
    skip_corrupt: SkipCorrupt = False,
    text: TextColumns = None,
    sequence: Sequence = None,
    time: Time = None,
    backbone: Backbone = None,
    transfer: Transfer = None,
    devices: Devices = None,
    distributed: Distributed = False,
    coordinator: Coordinator = None,
    processes: Processes = None,
    process: Process = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a network and keep it in a run's folder.

    Images: a folder with one sub-folder a class (within train, dev and test when the parts are given), IDX or NPZ
    files, or a table with --image. Texts: such a folder of .txt files, or a table with --text. Sequences: a .ts
    file, or a table with a row a step with --sequence. With --backbone a pretrained network reads texts or images.
    Repeat --target to learn several columns with one network. What is not set is chosen for the data. Ctrl-C saves
    the state and prints the command to go on.

    Example: netwright fit adult.csv --target income --set optimization.epochs=20
    """
    wanted = on_backbone(controls_of(controls, set), backbone, transfer)
    leads = join(distributed, coordinator, processes, process)
    # Start-up cost: these import Polars and JAX.
    from netwright.console import session, sources, summary
    from netwright.train.folder import FolderTakenError, RunFolder

    if out is not None and leads:
        RunFolder(out).check_free()
    options = {"task": task, "drop": drop, "categorical": categorical, "numeric": numeric}
    options |= {"image": image, "skip_corrupt": skip_corrupt, "text": text}
    options |= {"sequence": sequence, "time": time}
    dataset = sources.to_learn(data, target, options | {"weight": weight, "encoding": encoding})
    told = leads and not (json or quiet)
    if told:
        summary.print_data(dataset.schema)
    while True:
        folder = out or free_folder(Path("runs"), dataset.name)
        try:
            with session.resumable(folder):
                run = session.fit(dataset, wanted, seed=seed, out=folder, devices=devices, progress=not quiet)
            break
        except FolderTakenError:
            # Another training took the number in the meantime.
            if out is not None:
                raise
    if not leads:
        return
    if json:
        summary.print_run_json(run, folder)
    elif told:
        summary.print_run(run, wanted, folder)
    else:
        print(folder)
