"""The flow of gradients and of variance through the depth of a network."""

import numpy as np
import polars as pl
from jax.typing import ArrayLike

from netwright.core.errors import ControlError
from netwright.watch.xray import Layer, Xray

NODES = 64
"""Nodes of the Gauss–Hermite quadrature: exact for polynomials of twice the degree, 1e-3 at the kink of a ReLU."""


def gradient_ratio(trace: pl.DataFrame) -> pl.DataFrame:
    """Return (step, ratio) from a run's trace: the gradient norm of the first layer over that of the last.

    The ratio is the size of the product ``Π W[l] g′(z[l])`` between them: towards 0 gradients vanish on their way
    to the first layer, far above 1 they explode.
    """
    first, last = (
        pl.col("grad_norm").get(place) for place in (pl.col("depth").arg_min(), pl.col("depth").arg_max())
    )
    return trace.group_by("step", maintain_order=True).agg((first / last).alias("ratio"))


def through_time(xray: Xray) -> pl.DataFrame:
    """Return (layer, step, ratio): the size of ∂J/∂x[t] at each step of what a layer reads, over that of the last.

    For layers that read sequences (m, T, C), in forward order. In a recurrent layer whose last state is read it is
    the size of the product ``Π u diag(g′(z))`` of the steps between: towards 0 the gradient vanishes on its way to
    the first steps, above 1 it explodes (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013).

    Raises:
      ControlError: no layer reads a sequence.
    """
    found: list[pl.DataFrame] = []
    for layer in xray.layers:
        if layer.inputs.ndim == 3:
            sizes = np.linalg.norm(np.asarray(layer.dInputs, np.float64), axis=(0, 2))
            # Without a slope at its end the ratio says nothing: NaN, not a division by zero.
            ratio = sizes / (sizes[-1] or np.nan)
            found.append(pl.DataFrame({"layer": layer.name, "step": np.arange(len(sizes)), "ratio": ratio}))
    if not found:
        raise ControlError("through_time: no layer reads sequences (m, T, C)")
    return pl.concat(found)


def variances(xray: Xray) -> pl.DataFrame:
    """Return predicted and measured variances of z and dZ: a row a layer of a stack of dense layers or convolutions.

    Forwards ``Var z[l] = n_in · E[W²] · E[a[l−1]²] + E[b²]``, with ``E[g(z)²]`` for normal z of the predicted
    variance; backwards from the measured last layer ``Var dZ[l−1] = n_out · E[W²] · E[g′(z)²] · Var dZ[l]``. In a
    convolution n_in is the mean number of products in an output, and n_out that of outputs that a number enters: at
    the border of zeros fewer than in the middle. Both hold at initialization, where weights are independent of what
    they meet: He's rule keeps the first at 1 under ReLU, Glorot's keeps a mean of both near g′(0) = 1 (Glorot and
    Bengio 2010; He et al. 2015).

    Raises:
      ControlError: a layer is neither dense nor a convolution, does not receive what the layer before it gave (as
        after a pooling), or has an activation that is not known.
    """
    layers = xray.layers
    for before, layer in zip((None, *layers), layers, strict=False):
        _check(before, layer)
    kernels = [np.asarray(layer.W, np.float64) for layer in layers]
    forward: list[float] = []
    square = _mean_square(layers[0].inputs)
    for layer, kernel in zip(layers, kernels, strict=True):
        bias = 0.0 if layer.b is None else _mean_square(layer.b)
        forward.append(_fans(layer, kernel)[0] * _mean_square(kernel) * square + bias)
        square = _gaussian(layer, forward[-1], derivative=False)
    backward = [_mean_square(layers[-1].dZ)]
    for i in range(len(layers) - 1, 0, -1):
        slope = _gaussian(layers[i - 1], forward[i - 1], derivative=True)
        backward.insert(0, _fans(layers[i], kernels[i])[1] * _mean_square(kernels[i]) * slope * backward[0])
    return pl.DataFrame(
        {
            "layer": [layer.name for layer in layers],
            "z_predicted": forward,
            "z_measured": [_mean_square(layer.z) for layer in layers],
            "dZ_predicted": backward,
            "dZ_measured": [_mean_square(layer.dZ) for layer in layers],
        }
    )


def _check(before: Layer | None, layer: Layer) -> None:
    if layer.W is None or layer.W.ndim != layer.z.ndim or layer.z.ndim not in (2, 4):
        raise ControlError(
            f"variances: layer {layer.name} is neither dense nor a convolution; the prediction is for stacks of these"
        )
    # The last map may be raveled for a dense layer.
    if before is not None and before.a.reshape(len(before.a), -1).shape != (
        len(layer.inputs),
        _numbers(layer),
    ):
        raise ControlError(f"variances: layer {layer.name} does not receive what {before.name} gave")
    if before is not None and before.activation is None and before.a is not before.z:
        raise ControlError(f"variances: the activation of layer {before.name} is not one of netwright's")


def _numbers(layer: Layer) -> int:
    return layer.inputs.size // len(layer.inputs)


def _fans(layer: Layer, kernel: np.ndarray) -> tuple[float, float]:
    """Return the mean number of products in an output, and of outputs that a number enters."""
    n_in, n_out = kernel.shape[-2:]
    for size, after, taps in zip(layer.inputs.shape[1:-1], layer.z.shape[1:-1], kernel.shape, strict=False):
        stride = -(-size // after)
        before = max((after - 1) * stride + taps - size, 0) // 2
        places = stride * np.arange(after)[:, None] + np.arange(taps) - before
        met = np.count_nonzero((places >= 0) & (places < size))
        n_in, n_out = n_in * met / after, n_out * met / size
    return n_in, n_out


def _mean_square(values: ArrayLike) -> float:
    return float(np.mean(np.square(np.asarray(values, np.float64))))


def _gaussian(layer: Layer, variance: float, *, derivative: bool) -> float:
    """Return E[g(z)²] or E[g′(z)²] for z ~ N(0, variance)."""
    g = layer.activation
    if g is None:
        return 1.0 if derivative else variance
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    values = np.asarray((g.derivative if derivative else g.function)(np.float32(nodes * np.sqrt(variance))))
    return float(np.sum(weights * np.square(values, dtype=np.float64)) / np.sum(weights))
