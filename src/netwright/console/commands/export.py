"""``netwright export``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

import netwright as nw
from netwright.console.options import Json, RunFolder
from netwright.console.terminal import print_json


def export(
    run: RunFolder,
    format: Annotated[Literal["onnx"], typer.Option(help="What the file is for.")] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Where to write it.", show_default="RUN/model.onnx"),
    ] = None,
    json: Json = False,
) -> None:
    """Write the model as one file that other programs run.

    The file takes features as in training, one input for each column of a table, and gives labels with
    probabilities, or values: what comes before and after the network is in it, as far as the format can express it.

    Example: netwright export runs/adult-1 --format onnx
    """
    path = nw.load(run).export(out if out is not None else Path(run) / f"model.{format}")
    if json:
        print_json({"run": run, "format": format, "export": str(path), "bytes": path.stat().st_size})
    else:
        print(path)
