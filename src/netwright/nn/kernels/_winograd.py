"""Winograd's convolution F(2×2, 3×3): four outputs of a 3 × 3 kernel from 16 products instead of 36.

A map of even height and width is read in tiles of 4 × 4 that overlap by two, and written in tiles of 2 × 2. With
the matrices of Lavin and Gray (2016), "Fast algorithms for convolutional neural networks", section 4.1, a tile d,
the kernel w and the output y satisfy ``y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A``; over the channels each of the 16 products
is one matrix product. Stacking them into a batched product took 8–30 % longer.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jax import lax

Row = Sequence[jax.Array]
Grid = list[list[jax.Array]]


def correlate(x: jax.Array, w: jax.Array) -> jax.Array:
    """Return the convolution (m, H, W, O) of x (m, H, W, C) and w (3, 3, C, O), with a border of zeros."""
    m, H, W, C = x.shape
    u, v = _both(_kernel, _taps(w)), _tiles(x)
    products = [[v[i][j].reshape(-1, C) @ u[i][j] for j in range(4)] for i in range(4)]
    y = [[part.reshape(m, H // 2, W // 2, -1) for part in row] for row in _both(_output, products)]
    return jnp.stack([jnp.stack(row, axis=3) for row in y], axis=2).reshape(m, H, W, -1)


def weight_slope(x: jax.Array, slope: jax.Array) -> jax.Array:
    """Return the derivative by w (3, 3, C, O), from x (m, H, W, C) and the slope (m, H, W, O) of the output."""
    n_in, n_out = x.shape[3], slope.shape[3]
    v = _tiles(x)
    t = _both(_output_back, [[slope[:, i::2, j::2] for j in range(2)] for i in range(2)])
    inner = (((0,), (0,)), ((), ()))
    products = [
        [lax.dot_general(v[i][j].reshape(-1, n_in), t[i][j].reshape(-1, n_out), inner) for j in range(4)]
        for i in range(4)
    ]
    return jnp.stack([jnp.stack(row) for row in _both(_kernel_back, products)])


def _tiles(x: jax.Array) -> Grid:
    """Return Bᵀ d B of all tiles: 4 × 4 arrays (m, H/2, W/2, C)."""
    H, W = x.shape[1:3]
    # Behind a barrier the border is written once, and not computed anew in each of the 16 slices.
    x = lax.optimization_barrier(jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))))
    return _both(_input, [[x[:, u : u + H - 1 : 2, v : v + W - 1 : 2] for v in range(4)] for u in range(4)])


def _taps(w: jax.Array) -> Grid:
    return [[w[u, v] for v in range(3)] for u in range(3)]


def _both(transform: Callable[[Row], Row], grid: Grid) -> Grid:
    """Transform the columns of a grid, then its rows."""
    columns = [transform(list(column)) for column in zip(*grid, strict=True)]
    return [list(transform(list(row))) for row in zip(*columns, strict=True)]


def _input(d: Row) -> Row:
    """Bᵀ."""
    return [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]


def _kernel(w: Row) -> Row:
    """G."""
    return [w[0], (w[0] + w[1] + w[2]) / 2, (w[0] - w[1] + w[2]) / 2, w[2]]


def _kernel_back(u: Row) -> Row:
    """Gᵀ."""
    return [u[0] + (u[1] + u[2]) / 2, (u[1] - u[2]) / 2, (u[1] + u[2]) / 2 + u[3]]


def _output(z: Row) -> Row:
    """Aᵀ."""
    return [z[0] + z[1] + z[2], z[1] - z[2] - z[3]]


def _output_back(y: Row) -> Row:
    """A."""
    return [y[0], y[0] + y[1], y[0] - y[1], -y[1]]
