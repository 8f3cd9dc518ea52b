"""Strictness for every test, and data sets that several rooms share."""

from pathlib import Path

import jax
import numpy as np
import pytest

import netwright as nw
from netwright.train.compile_cache import make_room

jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
# Programs compiled once are read from disk by the other worker and by the next run.
jax.config.update("jax_compilation_cache_dir", str(Path(__file__).parents[1] / ".pytest_cache" / "xla"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture(scope="module", autouse=True)
def room_for_programs():
    """Forget compiled programs before there are too many, those of other libraries' calls of JAX, too."""
    yield
    make_room(share=0.25)


COMPILE = "/jax/core/compile/backend_compile_duration"
"""JAX's event of every program made, whether by the compiler or from the disk's cache."""


class Compilations:
    """Counts the programs compiled since the last reset."""

    def __init__(self):
        self.count = 0
        jax.monitoring.register_event_duration_secs_listener(self._hear)

    def _hear(self, event, duration, **_):
        self.count += event == COMPILE

    def during(self, work):
        """Return how many programs ``work()`` compiled."""
        before = self.count
        work()
        return self.count - before


@pytest.fixture(scope="session")
def compilations():
    return Compilations()


@pytest.fixture(scope="session")
def digits() -> nw.Dataset:
    """1,797 × 64, ten classes."""
    return nw.example("digits")


@pytest.fixture(scope="session")
def blobs() -> nw.Dataset:
    """103 × 3, two classes: 103 is no multiple of any batch size."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(103, 3)).astype(np.float32)
    y = (X[:, 0] + 0.5 * X[:, 1] + 0.3 * generator.normal(size=103) > 0).astype(np.int64)
    return nw.Dataset.from_arrays(X, y, name="blobs")
