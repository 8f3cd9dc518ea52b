"""Workers on a Ray cluster: the one of ``RAY_ADDRESS``, else one of this machine that is started and stopped here."""

import logging
import os
import warnings
from collections.abc import Callable
from typing import Any

from netwright.core.errors import ControlError, NetwrightError, RunError
from netwright.tune.executors._workers import DEATHS, LOOK, keep_to, share_of, watched
from netwright.tune.worker import Work, work

try:
    import ray as cluster
    from ray.exceptions import RayTaskError, WorkerCrashedError
except ModuleNotFoundError:
    raise RunError('executor: needs Ray; pip install "netwright[ray]"') from None


def ray(task: Work, workers: int | None, progress: Callable[[], None]) -> None:
    """Work at a study until nothing is left.

    A worker is a Ray task with one processor, and a share of the accelerators where there are any. One whose process
    or machine dies is started again by Ray, and its trials are taken again.

    Args:
      task: what to do.
      workers: how many; by default one an accelerator, else one a processor, and never more than there are blocks.
      progress: called when trials have ended.

    Raises:
      ControlError: the number of workers is below 1, or the cluster has several machines and the storage is a file.
      RunError: Ray is missing or its cluster cannot be reached, a worker failed, or workers died again and again.
    """
    if workers is not None and workers < 1:
        raise ControlError(f"workers: found {workers}, expected at least 1")
    ours = not cluster.is_initialized()
    if ours:
        _join()
    try:
        nodes = [node for node in cluster.nodes() if node["Alive"]]
        if len(nodes) > 1 and task.storage.startswith("sqlite"):
            raise ControlError(
                f"storage: the cluster has {len(nodes)} machines, and SQLite is a file of one; "
                "use storage=postgresql://user@host/database"
            )
        _run(task, workers, alone=len(nodes) == 1, progress=progress)
    finally:
        if ours:
            cluster.shutdown()


def _join() -> None:
    own: dict[str, Any] = {} if "RAY_ADDRESS" in os.environ else {"include_dashboard": False}
    try:
        with warnings.catch_warnings():
            # JAX warns of every fork, also of one that becomes another program at once, as Ray's do.
            warnings.filterwarnings("ignore", message=r"os\.fork\(\) was called", category=RuntimeWarning)
            cluster.init(log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise RunError(
            f"executor ray: the cluster cannot be reached ({str(error).splitlines()[0]})"
        ) from None


def _run(task: Work, workers: int | None, *, alone: bool, progress: Callable[[], None]) -> None:
    there = cluster.cluster_resources()
    accelerators = int(there.get("GPU", 0))
    count = min(workers or accelerators or int(there["CPU"]), len(task.blocks))
    worker = cluster.remote(num_cpus=1, num_gpus=min(1.0, accelerators / count), max_retries=DEATHS)(_work)
    sent = cluster.put(task)
    with watched(task, progress) as look:
        running = [worker.remote(sent, place, count if alone else 0) for place in range(count)]
        try:
            while running:
                ended, running = cluster.wait(running, timeout=LOOK)
                look()
                cluster.get(ended)
        except RayTaskError as error:
            if isinstance(error.cause, NetwrightError):
                raise error.cause from None
            raise
        except WorkerCrashedError:
            raise RunError(
                f"a worker was killed more than {DEATHS} times (out of memory?); its trials are taken again when you "
                "go on; use fewer workers"
            ) from None
        finally:
            for one in running:
                cluster.cancel(one, force=True)


def _work(task: Work, place: int, sharing: int) -> None:
    if sharing:
        keep_to(share_of(place, sharing))
    work(task)
