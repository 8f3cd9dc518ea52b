"""``netwright evaluate``."""

from typing import Annotated

import typer

import netwright as nw
from netwright.console.options import Encoding, Json, RunFolder, SkipCorrupt


def evaluate(
    run: RunFolder,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="A table file, a folder of images, or an example.",
            show_default="the run's own test set",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COL", help="Column to compare with.", show_default="the run's target, or targets"
        ),
    ] = None,
    encoding: Encoding = "utf-8",
    skip_corrupt: SkipCorrupt = False,
    json: Json = False,
) -> None:
    """Judge a run on data it has not seen.

    The run's own test set is opened only here, and every opening is counted: a set that one has chosen by
    no longer judges.

    Example: netwright evaluate runs/adult-1
    """
    # Start-up cost: these import Polars and JAX.
    from netwright.console import scores, sources
    from netwright.console.summary import rows_of

    trained = nw.load(run)
    if target is not None and trained.targets:
        trained = trained.of(target)
    if data is None:
        metrics, rows, name = trained.evaluate("test"), trained.record["rows"]["test"], "the test set"
        alike = rows_of(trained, "test")
    else:
        features, targets, weight, kept = sources.to_judge(
            data, trained.record, target, encoding, skip_corrupt=skip_corrupt
        )
        with sources.naming_rows(data, kept):
            metrics, rows, name = trained.evaluate((features, targets, weight)), len(targets), data
        alike = rows if weight is None else None
    opened = trained.record.get("test_openings", 0) if data is None else None
    if json:
        scores.print_json_of(metrics, alike, run=run, data=data or "test", test_openings=opened)
    else:
        scores.print_scores(metrics, alike, f"{run} on {name}, {rows:,} rows", opened)
