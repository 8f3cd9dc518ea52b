"""What netwright runs on."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import jax

from netwright.console.terminal import print_block
from netwright.nn.kernels import native
from netwright.train.compile_cache import cache_folder
from netwright.train.feed import device_budget

PACKAGES = (
    "netwright",
    "jax",
    "flax",
    "optax",
    "numpy",
    "polars",
    "pyarrow",
    "scikit-learn",
    "pydantic",
    "grain",
    "tokenizers",
)
OPTIONAL = (
    "pandas",
    "optuna",
    "ray",
    "jax2onnx",
    "onnxruntime",
    "tensorboardX",
    "netwright-native",
)
GIB = 2**30


def look() -> dict[str, Any]:
    """Return versions, devices, kernels, cores, memory, the cache folder, the data budget and the number formats."""
    cache = cache_folder()
    return {
        "versions": {"python": platform.python_version()} | _versions(PACKAGES),
        "optional": _versions(OPTIONAL),
        "system": platform.platform(terse=True),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "devices": [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()],
        "kernels": {"native": native.status().serve, "says": native.status().says},
        "data_budget_bytes": device_budget(),
        "cache": {
            "path": str(cache),
            "bytes": sum(f.stat().st_size for f in cache.rglob("*") if f.is_file()),
        },
        "numbers": {
            "x64": jax.config.values["jax_enable_x64"],
            "matmul_precision": jax.config.values["jax_default_matmul_precision"] or "default",
            "dtype_promotion": str(jax.config.values["jax_numpy_dtype_promotion"]),
        },
    }


def print_found(found: dict[str, Any]) -> None:
    """Print what :func:`look` found."""
    missing = [name for name, number in found["optional"].items() if number is None]
    optional = {name: number for name, number in found["optional"].items() if number}
    numbers = found["numbers"]
    formats = [
        "float32, with x64 on" if numbers["x64"] else "float32",
        f"matrix products at {numbers['matmul_precision']} precision",
        f"{numbers['dtype_promotion']} promotion",
    ]
    rows = {
        "versions": _listed(found["versions"]),
        "optional": _listed(optional) + (f" (not installed: {', '.join(missing)})" if missing else ""),
        "system": f"{found['system']}, {found['cores']} cores, {found['memory_bytes'] / GIB:.1f} GiB memory",
        "devices": ", ".join(found["devices"]),
        "kernels": _kernels(found["kernels"]),
        "data budget": f"{found['data_budget_bytes'] / GIB:.1f} GiB of rows on the device; more is streamed",
        "cache": f"{found['cache']['path']} ({found['cache']['bytes'] / 2**20:.0f} MiB)",
        "numbers": "; ".join(formats),
    }
    print_block(rows)


def _kernels(found: dict[str, Any]) -> str:
    if found["native"]:
        return f"{found['says']}: convolution, max-pooling, batch normalization, LSTM, GRU; JAX for the rest"
    return f"JAX's own; no native ones: {found['says']}"


def _versions(packages: Iterable[str]) -> dict[str, str | None]:
    return {name: _version(name) for name in packages}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _listed(versions: dict[str, str | None]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
