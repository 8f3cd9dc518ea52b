"""``netwright resume``."""

from pathlib import Path

from netwright.console.options import Json, Quiet, RunFolder


def resume(run: RunFolder, json: Json = False, quiet: Quiet = False) -> None:
    """Go on with an interrupted run.

    It ends bit for bit as one that was never stopped.

    Example: netwright resume runs/adult-1
    """
    # Start-up cost: these import Polars and JAX.
    from netwright.console import session, summary

    folder = Path(run)
    with session.resumable(folder):
        finished = session.resume(folder, progress=not quiet)
    if json:
        summary.print_run_json(finished, folder)
    elif not quiet:
        summary.print_run(finished, None, folder)
