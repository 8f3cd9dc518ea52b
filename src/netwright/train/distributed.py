"""Several processes, on one machine or many, train one model.

Each reads the same data and runs the same host loop over its own devices; :mod:`netwright.train.mesh` makes one mesh of
all devices. What a clock or a signal would decide, all decide together. Process 0 alone writes.
"""

import contextlib
import hashlib
import os
import socket
import sys
import threading
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
        coordinator = _door_to(_address(coordinator))
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


def _address(coordinator: str) -> tuple[str, int]:
    host, _, port = coordinator.rpartition(":")
    if not host or not port.isdecimal():
        raise ControlError(f"coordinator: found '{coordinator}', expected HOST:PORT")
    return host, int(port)


def _door_to(coordinator: tuple[str, int]) -> str:
    """Return an address in this process that leads to the coordinator, and stays open when the coordinator is gone.

    JAX aborts a process whose connection to the coordinator breaks, before the training, which notices too, can say
    what happened and how to go on. Behind the door it finds out by the missing heartbeat only.
    """
    _connected(coordinator).close()
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        held: list[socket.socket] = []  # Python closes what nobody holds
        while True:
            inside, _ = door.accept()
            held.append(inside)
            with contextlib.suppress(RunError):
                outside = _connected(coordinator)
                for ends in ((inside, outside), (outside, inside)):
                    threading.Thread(target=_carry, args=ends, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    host, port = door.getsockname()
    return f"{host}:{port}"


def _carry(source: socket.socket, to: socket.socket) -> None:
    """Hand on what comes, until either end is gone; then leave the other one open."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            to.sendall(data)


def _connected(coordinator: tuple[str, int]) -> socket.socket:
    give_up = time.monotonic() + JOIN_SECONDS
    while True:
        try:
            connection = socket.create_connection(coordinator, timeout=5)
            connection.settimeout(None)
            return connection
        except OSError as error:
            if time.monotonic() > give_up:
                raise RunError(
                    f"distributed: nobody answers at {coordinator[0]}:{coordinator[1]} ({error.strerror or error}); "
                    f"start process 0 there, within {JOIN_SECONDS} s"
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
