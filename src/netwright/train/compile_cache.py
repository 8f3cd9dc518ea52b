"""The persistent compilation cache: a program compiled once on a machine is loaded from then on."""

import os
from pathlib import Path

import jax


def cache_folder() -> Path:
    """Return netwright's cache folder: ``$NETWRIGHT_CACHE``, else the user's cache folder."""
    home = os.environ.get("NETWRIGHT_CACHE")
    if home:
        return Path(home)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netwright"


def use_compile_cache() -> None:
    """Turn the cache on, unless the user has set one of their own."""
    if getattr(jax.config, "jax_compilation_cache_dir", None) is not None:
        return
    jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "xla"))
    # By default JAX keeps only programs that took a second to compile; ours are many and small.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
