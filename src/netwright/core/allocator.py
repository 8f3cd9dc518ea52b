"""How the C library keeps the memory of this process."""

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Of glibc's ``mallopt``, from its malloc.h."""
MOST = 2**31 - 1
OWN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES", "LD_PRELOAD")
"""Variables by which a user has chosen for themselves."""


def keep_memory() -> bool:
    """Let glibc keep the memory of one dispatch for the next, and tell whether it does.

    XLA asks for all the memory of a program anew with each dispatch. What glibc has given back to the system in between
    comes page by page, each filled with zeros first: that was a third of the time of a residual network's training. The
    peak is no higher; but what was once in use stays with the process. It has to be said before there are other
    threads: each of those would keep memory of its own, and gives all large pieces back.
    """
    if sys.platform != "linux" or any(name in os.environ for name in OWN):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return all([mallopt(M_ARENA_MAX, 1), mallopt(M_MMAP_THRESHOLD, MOST), mallopt(M_TRIM_THRESHOLD, MOST)])
