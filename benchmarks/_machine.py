"""Facts about the machine, recorded next to every figure."""

import datetime
import importlib.metadata
import os
import platform
import time
from pathlib import Path
from typing import Any

PACKAGES = ("netwright", "numpy", "jax", "flax", "optax", "torch", "keras", "scikit-learn", "polars")
FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8")


def facts() -> dict[str, Any]:
    """The processor, its memory and matrix instructions, the versions, the date, and how busy it is now."""
    cpu = _table("/proc/cpuinfo")
    flags = cpu.get("flags", "").split()
    return {
        "cpu": cpu.get("model name", platform.processor()),
        "cores": len(os.sched_getaffinity(0)),
        "flags": [flag for flag in FLAGS if flag in flags],
        "memory_gib": round(int(_table("/proc/meminfo").get("MemTotal", "0 kB").split()[0]) / 2**20, 1),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "busy_fraction": round(busy_fraction(), 3),
    }


def busy_fraction(seconds: float = 1.0) -> float:
    """The share of all processor time used during the next ``seconds``."""
    foreign = ForeignLoad([])
    time.sleep(seconds)
    return foreign.fraction()


class ForeignLoad:
    """The share of all processor time that went to anyone but these processes since this object was made."""

    def __init__(self, processes: list[int]) -> None:
        self._processes = processes
        self._start = self._ticks()

    def fraction(self) -> float:
        total, foreign = (now - start for now, start in zip(self._ticks(), self._start, strict=True))
        return max(foreign, 0) / max(total, 1)

    def _ticks(self) -> tuple[int, int]:
        spent = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        idle = spent[3] + spent[4]  # idle and waiting for input/output
        own = sum(_own_ticks(process) for process in self._processes)
        return sum(spent), sum(spent) - idle - own


def _own_ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])  # user and system time


def _table(path: str) -> dict[str, str]:
    lines = [line.partition(":") for line in Path(path).read_text().splitlines() if ":" in line]
    return {key.strip(): value.strip() for key, _, value in reversed(lines)}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
