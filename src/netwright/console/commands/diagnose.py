"""``netwright diagnose``."""

from typing import Annotated

import typer

import netwright as nw
from netwright.console.options import Encoding, Json, RunFolder
from netwright.core.duration import seconds_of


def diagnose(
    run: RunFolder,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="A table file or an example whose error to explain.",
            show_default="the run's dev rows",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Take no longer than the fit did; train nothing for the budget.")
    ] = False,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Time to spend, such as 2m.", show_default="five times that of the fit"
        ),
    ] = None,
    open_test: Annotated[
        bool, typer.Option("--open-test", help="Also judge the test rows; the opening is recorded.")
    ] = False,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COL",
            help="Of a run of several: the one. Else the column of DATA to compare with.",
            show_default="the run's target",
        ),
    ] = None,
    encoding: Encoding = "utf-8",
    json: Json = False,
) -> None:
    """Take the error of a run apart and prescribe one thing.

    What it is made of, what is wrong, and what to do next, each with its interval.
    The answer is kept in the run's folder, as diagnosis.json. Of a run of several targets that of the one named by
    --target is in targets/COL, a run of that target alone; without --target the targets are trained together and
    each alone, to tell which gains and which loses.

    Example: netwright diagnose runs/adult-1
    """
    seconds = None if budget is None else seconds_of(budget, "--budget")
    # Start-up cost: these import Polars and JAX.
    from netwright.console import diagnosis, sources, targets
    from netwright.console.terminal import print_json

    trained = nw.load(run)
    if trained.targets:
        if target is None:
            targets.print_transfer(trained, run, seeds=2 if quick else 5, json=json)
            return
        trained, run = targets.kept_alone(trained, target)
    other = kept = None
    if data is not None:
        features, labels, _, kept = sources.to_judge(data, trained.record, target, encoding)
        other = features, labels
    with sources.naming_rows(data or "dev", kept):
        found = trained.diagnose(other, quick=quick, budget=seconds, open_test=open_test)
    if json:
        print_json({"run": run, "data": data or "dev", **found.to_json()})
    else:
        diagnosis.print_diagnosis(found, run)
