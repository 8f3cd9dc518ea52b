"""Programs compiled once are read from disk by every process."""

import os

import jax
import pytest


@pytest.fixture(scope="session")
def environment():
    """The environment of a process of its own; only the run itself may use its folder."""
    return {
        **os.environ,
        "JAX_COMPILATION_CACHE_DIR": jax.config.jax_compilation_cache_dir,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
