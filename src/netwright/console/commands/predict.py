"""``netwright predict``."""

from pathlib import Path
from typing import Annotated

import typer

import netwright as nw
from netwright.console.options import Encoding, Json, RunFolder, SkipCorrupt


def predict(
    run: RunFolder,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A table with the columns of training, an image, a folder of images, or an example.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="A .csv or .parquet file.", show_default="stdout, as CSV"
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="For two classes: probability above which the second is predicted.",
            show_default="0.5",
        ),
    ] = None,
    encoding: Encoding = "utf-8",
    skip_corrupt: SkipCorrupt = False,
    json: Json = False,
) -> None:
    """Predict each row of a table, or each image.

    One row for each row of DATA, in its order: the file or the identifier, else the number of the row from 1; the
    prediction; and the probability of each class. A table (CSV, Parquet, Arrow) may be larger than memory.

    Example: netwright predict runs/adult-1 new.csv -o predictions.csv
    """
    if output is not None and output.suffix.lower() not in (".csv", ".parquet"):
        raise typer.BadParameter(
            f"{output}: expected a file that ends in .csv or .parquet", param_hint="--output"
        )
    if json and output is not None:
        raise typer.BadParameter("goes to stdout; leave out --output", param_hint="--json")
    if threshold is not None and not 0 < threshold < 1:
        raise typer.BadParameter(
            f"found {threshold:g}, expected a probability between 0 and 1", param_hint="--threshold"
        )
    # Start-up cost: these import Polars and JAX.
    from netwright.console import predictions, sources
    from netwright.console.terminal import print_json

    trained = nw.load(run)
    if threshold is not None and trained.predictor.task not in ("binary", "multitask"):
        task = trained.predictor.task
        raise typer.BadParameter(
            f"expected a run with two classes, {run} is {task}", param_hint="--threshold"
        )
    blocks = sources.to_predict(data, encoding, trained.record, skip_corrupt=skip_corrupt)
    tables = predictions.tables(trained.predictor, blocks, data, trained.record, threshold or 0.5)
    if json:
        rows = [row for table in tables for row in table.to_dicts()]
        print_json({"run": run, "data": data, "rows": rows})
    else:
        predictions.write(tables, output)
