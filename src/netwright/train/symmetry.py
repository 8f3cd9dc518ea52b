"""Symmetry at the start: hidden units that begin alike stay alike, and the layer learns as if it had one."""

import warnings

import numpy as np

from netwright.nn.skeleton import Arrays


class SymmetryWarning(UserWarning):
    """Hidden units are identical at initialization."""


def warn_of_symmetry(params: Arrays) -> None:
    """Warn, naming the layers, when all columns of a kernel (n_in, n_out > 1) are equal.

    A last layer of zeros over different inputs breaks the symmetry by itself, so only layers that another
    kernel follows count.
    """
    kernels = [name for name, array in params.items() if name.endswith("kernel") and array.ndim == 2]
    alike: list[str] = []
    for name in kernels[:-1]:
        kernel = np.asarray(params[name])
        if kernel.shape[1] > 1 and np.all(kernel == kernel[:, :1]):
            alike.append(f"{name.rpartition('.')[0]} ({kernel.shape[1]} identical units)")
    if alike:
        warnings.warn(
            f"the units of {', '.join(alike)} start identical and get identical gradients, so they will stay so: "
            "use initialization.kernel=auto, or another random initializer",
            SymmetryWarning,
            stacklevel=3,
        )
