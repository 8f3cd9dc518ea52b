"""How much memory this process may use."""

import os
from functools import cache
from pathlib import Path


@cache
def host_memory() -> int:
    """Return the bytes of the machine's memory, or of the container's limit when that is less."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")  # a container's own limit, "max" when there is none
    granted = limit.read_text().strip() if limit.exists() else "max"
    return min(installed, int(granted)) if granted.isdigit() else installed
