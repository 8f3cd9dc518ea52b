"""The same PyTorch, with MKL told that it may use its AVX-512 kernels.

As installed, MKL keeps to AVX2 on processors that are not Intel's: 85 GFLOP/s in float32 on a Zen 5 core,
against 200. Few users know the remedy, but without it large networks would be compared with half a PyTorch.
"""

import ctypes
import subprocess
import tempfile

_SOURCE = "int mkl_serv_intel_cpu_true(void) { return 1; } int mkl_serv_intel_cpu(void) { return 1; }"

with tempfile.TemporaryDirectory() as _folder:
    _library = f"{_folder}/unlock.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-xc", "-", "-o", _library], input=_SOURCE, text=True, check=True
    )
    ctypes.CDLL(_library, mode=ctypes.RTLD_GLOBAL)

from benchmarks.sides.pytorch import (  # noqa: E402 - MKL asks when PyTorch is loaded
    compiled,
    compiled_step,
    eager,
    population,
    population_compiled,
    population_shared,
)

__all__ = ["compiled", "compiled_step", "eager", "population", "population_compiled", "population_shared"]
