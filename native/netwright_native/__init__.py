"""oneDNN kernels behind XLA's foreign functions; netwright finds this package by itself where it is installed."""

import ctypes
from importlib.metadata import version
from pathlib import Path
from typing import Any

__version__ = version("netwright-native")
HANDLERS = (
    "conv_forward",
    "conv_backward_data",
    "conv_backward_weights",
    "pool_forward",
    "pool_backward",
    "norm_forward",
    "norm_backward",
    "lstm_forward",
    "lstm_backward",
    "gru_forward",
    "gru_backward",
    "steps_backward",
)


def handlers() -> dict[str, Any]:
    """Return the C function of each handler; an OSError says which library is missing."""
    library = ctypes.CDLL(str(Path(__file__).with_name("libnetwright_native.so")))
    return {name: getattr(library, f"netwright_{name}") for name in HANDLERS}


def onednn_version() -> str:
    """Return the version of oneDNN's package."""
    return version("onednn-cpu-gomp")
