"""What the processor can do."""

from functools import cache
from pathlib import Path

BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16"})


@cache
def multiplies_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16 itself; where that is not said (not Linux), no."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any(line.startswith("flags") and not BFLOAT16.isdisjoint(line.split()) for line in lines)
