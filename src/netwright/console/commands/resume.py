"""``netwright resume``."""

from pathlib import Path

from netwright.console.options import (
    Coordinator,
    Devices,
    Distributed,
    Json,
    Process,
    Processes,
    Quiet,
    RunFolder,
)
from netwright.console.together import join


def resume(
    run: RunFolder,
    devices: Devices = None,
    distributed: Distributed = False,
    coordinator: Coordinator = None,
    processes: Processes = None,
    process: Process = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go on with an interrupted run.

    On as many devices as it began with, it ends bit for bit as one that was never stopped.

    Example: netwright resume runs/adult-1
    """
    leads = join(distributed, coordinator, processes, process)
    # Start-up cost: these import Polars and JAX.
    from netwright.console import session, summary

    folder = Path(run)
    with session.resumable(folder):
        finished = session.resume(folder, devices=devices, progress=not quiet)
    if not leads:
        return
    if json:
        summary.print_run_json(finished, folder)
    elif not quiet:
        summary.print_run(finished, None, folder)
