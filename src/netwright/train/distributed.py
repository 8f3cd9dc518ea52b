"""Several processes, on one machine or many, train one model.

Each reads the same data and runs the same host loop over its own devices; :mod:`netwright.train.mesh` makes one mesh of
all devices. What a clock or a signal would decide, all decide together. Process 0 alone writes.
"""

import contextlib
import hashlib
import os
import socket
import sys
import time
from collections.abc import Generator

import jax
import numpy as np
from jax.experimental import multihost_utils

from netwright.core.errors import ControlError, RunError, TrainingError

JOIN_SECONDS = 60
"""How long to wait for the others at the start."""
HEARTBEAT_SECONDS = 20
"""A process that is not heard of for so long is lost; JAX then ends the others."""


class LostProcessError(TrainingError):
    """Another process died, or cannot be reached any more."""


def join(coordinator: str | None = None, processes: int | None = None, process: int | None = None) -> None:
    """Join the other processes; call it in each of them before anything else of JAX.

    Args:
      coordinator: "HOST:PORT" where process 0 listens.
      processes: how many there are.
      process: which one this is, from 0.
      Under Slurm, Open MPI or on a TPU what is not given is found out.

    Raises:
      ControlError: they contradict each other, or are not given and nothing tells them.
      RunError: the others cannot be reached; or JAX has started already.
    """
    if process and coordinator is not None:
        _wait_for(coordinator)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    # JAX would listen for SIGTERM itself.
    jax.config.update("jax_enable_preemption_service", False)
    try:
        jax.distributed.initialize(
            coordinator,
            processes,
            process,
            initialization_timeout=JOIN_SECONDS,
            heartbeat_timeout_seconds=HEARTBEAT_SECONDS,
        )
    except ValueError as error:
        raise ControlError(
            f"distributed: {str(error).rstrip('.')}; give coordinator (HOST:PORT), processes and process, from 0"
        ) from None
    except RuntimeError as error:
        raise RunError(f"distributed: cannot join ({str(error).splitlines()[0]})") from None
    with _stdout_as_stderr():  # Gloo greets its peers there
        agreed(0)


def joined() -> bool:
    """Tell whether this process trains together with others."""
    return jax.distributed.is_initialized()


def leads() -> bool:
    """Tell whether this process is the one that writes; the only one always is."""
    return not joined() or jax.process_index() == 0


def agreed(number: int) -> int:
    """Return process 0's number, in every process; each must ask the same questions in the same order."""
    return number if not joined() else int(multihost_utils.broadcast_one_to_all(np.int32(number)))


def most(number: int) -> int:
    """Return the largest number of any process, in every process."""
    return number if not joined() else int(multihost_utils.process_allgather(np.int32(number)).max())


def check_alike(*parts: str) -> None:
    """Require that all processes are about to train the same from the same state.

    Raises:
      TrainingError: they are not.
    """
    mine = np.frombuffer(hashlib.sha256("\0".join(parts).encode()).digest(), np.int32)
    if (multihost_utils.process_allgather(mine) != mine).any():
        raise TrainingError(
            "distributed: the processes have different data, controls, seeds or checkpoints; start each with the "
            "same words, and with files that are the same everywhere"
        )


def tells_of_loss(error: Exception) -> bool:
    """Tell whether JAX failed because another process cannot be reached."""
    words = ("Gloo", "NCCL", "Coordination", "coordination", "UNAVAILABLE")
    return joined() and any(word in str(error) for word in words)


def _wait_for(coordinator: str) -> None:
    host, _, port = coordinator.rpartition(":")
    if not host or not port.isdecimal():
        raise ControlError(f"coordinator: found '{coordinator}', expected HOST:PORT")
    give_up = time.monotonic() + JOIN_SECONDS
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > give_up:
                raise RunError(
                    f"distributed: nobody answers at {coordinator} ({error.strerror or error}); start process 0 there, "
                    f"within {JOIN_SECONDS} s"
                ) from None
        time.sleep(0.2)


@contextlib.contextmanager
def _stdout_as_stderr() -> Generator[None]:
    sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(own, 1)
        os.close(own)
