"""The kernels of ``netwright-native`` (oneDNN): do they serve in this process, and for this shape?

Each kernel here stands before a pure one: it gives its result, or None where the pure one has to serve. They serve
float32 arrays on the CPU of a process with one device, where the package is installed and passes its test
(``native/README.md``).
"""

import os
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.nn.kernels import native_images, native_norm, native_sequences
from netwright.nn.kernels.native_call import PACKAGE, target
from netwright.nn.kernels.portable import portable

SWITCH = "NETWRIGHT_NATIVE"
MODULE = "netwright_native"


@dataclass(frozen=True)
class Status:
    """Whether the native kernels serve in this process: which they are, or why not."""

    serve: bool
    says: str


def available() -> bool:
    """Tell whether the native kernels serve in this process."""
    return status().serve


@cache
def status() -> Status:
    """Load the native kernels and try them, once in a process."""
    if os.environ.get(SWITCH) == "0":
        return Status(False, f"switched off by {SWITCH}=0")
    if find_spec(MODULE) is None:
        return Status(False, f"{PACKAGE} is not installed")
    if jax.default_backend() != "cpu" or jax.device_count() > 1:
        devices = f"{jax.device_count()} {jax.default_backend()} device(s)"
        return Status(False, f"they compute on one CPU device, and this process has {devices}")
    try:
        found = _register()
        _try()
    except Exception as error:  # whatever is wrong with them, the pure kernels are there
        return Status(False, f"{PACKAGE} fails: {str(error).splitlines()[0] or type(error).__name__}")
    return Status(True, found)


def conv2d(
    x: jax.Array,
    w: jax.Array,
    b: jax.Array | None,
    strides: tuple[int, int],
    padding: str,
    precision: str,
) -> jax.Array | None:
    """Stand before :func:`netwright.nn.kernels.conv.conv2d`.

    Not for 1 × 1 kernels with a stride: one product of the pixels that count takes half the time.
    """
    skips = w.shape[:2] == (1, 1) and strides != (1, 1)
    serve = not skips and _serve(x, w, *([] if b is None else [b]))
    return native_images.conv2d(x, w, b, strides, padding, precision) if serve else None


def max_pool(x: jax.Array, window: int, precision: str) -> jax.Array | None:
    """Stand before :func:`netwright.nn.kernels.pool.max_pool`."""
    return native_images.max_pool(x, window, precision) if _serve(x) else None


def batch_norm(
    x: jax.Array,
    scale: jax.Array,
    bias: jax.Array,
    real: jax.Array,
    skip: jax.Array | None,
    *,
    epsilon: float,
    rectified: bool,
    precision: str,
) -> tuple[jax.Array, jax.Array, jax.Array] | None:
    """Stand before the normalization of images in :class:`netwright.nn.batch_norm.BatchNorm`."""
    if x.ndim != 4 or x.shape[-1] % native_norm.LANES or not _serve(x, scale, bias):
        return None
    return native_norm.batch_norm(x, scale, bias, real, skip, epsilon, rectified, precision)


def lstm(
    x: jax.Array, w: jax.Array, u: jax.Array, b: jax.Array, mask: jax.Array | None, precision: str
) -> jax.Array | None:
    """Stand before :func:`netwright.nn.kernels.recurrent.lstm`."""
    return native_sequences.layer("lstm", x, w, u, b, mask, precision) if _serve(x, w, u, b) else None


def gru(
    x: jax.Array, w: jax.Array, u: jax.Array, b: jax.Array, mask: jax.Array | None, precision: str
) -> jax.Array | None:
    """Stand before :func:`netwright.nn.kernels.recurrent.gru`."""
    return native_sequences.layer("gru", x, w, u, b, mask, precision) if _serve(x, w, u, b) else None


def _serve(*arrays: jax.Array) -> bool:
    # A batch of unknown size has no size: ask first.
    return not portable() and all(a.dtype == jnp.float32 and a.size > 0 for a in arrays) and available()


def _register() -> str:
    package: Any = import_module(MODULE)
    for name, function in package.handlers().items():
        jax.ffi.register_ffi_target(target(name), jax.ffi.pycapsule(function), platform="cpu")
    return f"oneDNN {package.onednn_version()} ({PACKAGE} {version(PACKAGE)})"


def _try() -> None:
    """Compare a small convolution, a small normalization and a small LSTM with NumPy."""
    draw = np.random.default_rng(0).normal
    x, w = draw(size=(2, 5, 5, 3)).astype(np.float32), draw(size=(3, 3, 3, 4)).astype(np.float32)
    sequences = [draw(size=shape).astype(np.float32) for shape in ((2, 3, 4), (4, 8), (2, 8), (8,))]
    images = draw(size=(3, 2, 2, 16)).astype(np.float32)
    # The first kernel may be asked for while a program is traced; the trial runs beside it.
    with jax.ensure_compile_time_eval():
        y = jax.jit(native_images.conv2d, static_argnums=(2, 3, 4, 5))(x, w, None, (1, 1), "VALID", "float32")
        normal = jax.jit(native_norm.batch_norm, static_argnums=(5, 6, 7))(
            *(images, np.ones(16, np.float32), np.zeros(16, np.float32), np.ones(3, np.float32), None),
            *(0.0, False, "float32"),
        )[0]
        h = jax.jit(native_sequences.layer, static_argnums=(0, 6))("lstm", *sequences, None, "float32")
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    if not np.allclose(y, np.einsum("nijcuv,uvco->nijo", windows, w), atol=1e-4):
        raise ArithmeticError("its convolution of a small image is wrong")
    if not np.allclose(normal, (images - images.mean((0, 1, 2))) / images.std((0, 1, 2)), atol=1e-4):
        raise ArithmeticError("its normalization of small images is wrong")
    if not np.allclose(h, _lstm(*sequences), atol=1e-5):
        raise ArithmeticError("its LSTM over a short sequence is wrong")


def _lstm(x: np.ndarray, w: np.ndarray, u: np.ndarray, b: np.ndarray) -> np.ndarray:
    h = c = np.zeros((len(x), len(u)))
    states: list[np.ndarray] = []
    for now in x.swapaxes(0, 1):
        i, f, g, o = np.split(now @ w + h @ u + b, 4, axis=1)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        states.append(h)
    return np.stack(states, axis=1)
