"""What L1 left over: the share of weights that are exactly 0, and the features still used."""

import numpy as np
import polars as pl

from netwright.nn.skeleton import Arrays
from netwright.optim.kernels import is_kernel


def sparsity(params: Arrays) -> pl.DataFrame:
    """Return a row a kernel: layer, weights, zeros, zero_fraction."""
    rows = []
    for name, array in params.items():
        if is_kernel(name, array):
            zeros = int(np.sum(np.asarray(array) == 0))
            layer = name.rpartition(".")[0]
            rows.append(
                {"layer": layer, "weights": array.size, "zeros": zeros, "zero_fraction": zeros / array.size}
            )
    return pl.DataFrame(rows)


def used_features(params: Arrays, feature_names: list[str]) -> list[str]:
    """Return the input columns with any weight that is not exactly 0 in the first kernel that reads them."""
    first = next(
        (np.asarray(a) for name, a in params.items() if name.endswith("kernel") and a.ndim == 2), None
    )
    if first is None:
        return list(feature_names)
    used = np.any(first[: len(feature_names)] != 0, axis=1)
    return [name for name, is_used in zip(feature_names, used, strict=False) if is_used]
