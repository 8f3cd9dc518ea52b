"""Words that bring several processes together."""

import os
import sys

import typer


def join(distributed: bool, coordinator: str | None, processes: int | None, process: int | None) -> bool:
    """Join the other processes when the words ask for it, and tell whether this one writes and speaks.

    Raises:
      BadParameter: the words contradict each other.
    """
    given = {"coordinator": coordinator, "processes": processes, "process": process}
    named = [name for name, value in given.items() if value is not None]
    if not distributed:
        if named:
            raise typer.BadParameter(f"--{named[0]} goes with --distributed")
        return True
    if named and len(named) < len(given):
        missing = next(name for name in given if name not in named)
        raise typer.BadParameter(f"expected --{missing} too; or none of them where Slurm or Open MPI tells")
    from netwright.train import distributed as engine  # start-up cost: JAX

    engine.join(coordinator, processes, process)
    return engine.leads()


def leave_at_once(code: int) -> None:
    """End a process that failed among others: JAX would first wait for them, and then abort."""
    engine = sys.modules.get("netwright.train.distributed")
    if code and engine is not None and engine.joined():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
