"""Compiled programs: kept on disk, so that a machine compiles each but once, and in memory while there is room."""

import os
from pathlib import Path
from typing import Any

import jax

MAPS, LIMIT = Path("/proc/self/maps"), Path("/proc/sys/vm/max_map_count")


def cache_folder() -> Path:
    """Return netwright's cache folder: ``$NETWRIGHT_CACHE``, else the user's cache folder."""
    home = os.environ.get("NETWRIGHT_CACHE")
    if home:
        return Path(home)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netwright"


def use_compile_cache() -> None:
    """Turn the cache on disk on, unless the user has set one of their own, and make room in memory."""
    make_room()
    if getattr(jax.config, "jax_compilation_cache_dir", None) is not None:
        return
    jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "xla"))
    # By default JAX keeps only programs that took a second to compile; ours are many and small.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def run_once() -> dict[str, Any] | None:
    """Return the compiler options of a program that runs once, such as one that draws weights.

    XLA's highest level on a CPU takes three to five times as long over random bits, and its program is no faster.
    """
    return {"xla_backend_optimization_level": 1} if jax.default_backend() == "cpu" else None


def make_room(share: float = 0.5) -> None:
    """Forget the programs in memory when they hold this share of the memory maps that Linux grants a process.

    XLA takes some for every program, hundreds for a training, and crashes when there are no more. What is wanted
    again is read from disk.
    """
    if LIMIT.exists() and MAPS.read_bytes().count(b"\n") > share * int(LIMIT.read_text()):
        jax.clear_caches()
