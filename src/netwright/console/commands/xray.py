"""``netwright xray``."""

from typing import Annotated

import typer

import netwright as nw
from netwright.console.options import Encoding, Json, RunFolder


def xray(
    run: RunFolder,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA", help="A table file or an example.", show_default="the run's training rows"
        ),
    ] = None,
    rows: Annotated[int, typer.Option(metavar="N", min=1, help="Rows of the batch: the first N.")] = 32,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COL",
            help="Of a run of several: the one. Else the column of DATA with the answers.",
            show_default="the run's target",
        ),
    ] = None,
    encoding: Encoding = "utf-8",
    json: Json = False,
) -> None:
    """Show what every layer did to one batch, forward and back.

    z is what a layer computes, a is z after its activation; dA, dZ, dW and db are the slopes of the cost at
    them. The network runs as it predicts: no dropout, running averages.

    Example: netwright xray runs/adult-1 --rows 64
    """
    # Start-up cost: these import Polars and JAX.
    from netwright.console import sources, targets, xray_table
    from netwright.console.terminal import print_json

    trained = targets.alone(nw.load(run), target, run)
    if data is None:
        found = trained.xray("train", rows=rows)
    else:
        features, labels, weight, kept = sources.to_judge(data, trained.record, target, encoding)
        with sources.naming_rows(data, kept):
            found = trained.xray(features, labels, rows=rows, weights=weight)
    if json:
        print_json({"run": run, "data": data or "train", **found.to_json()})
    else:
        xray_table.print_xray(found, f"{run} on {data or 'its training rows'}")
