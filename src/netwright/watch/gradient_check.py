"""The numerical gradient check: central differences in float64 against automatic differentiation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Jaxpr, subjaxprs

from netwright.core.errors import ControlError

TOLERANCE = {np.dtype(np.float64): 1e-5, np.dtype(np.float32): 1e-2}
"""By the narrowest numbers inside f: central differences err by some ε^⅔ of f, 4e-11 and 2e-5."""
SMALL = 1e-3
"""A gradient below this share of the largest is judged by the largest: rounding is all that is left of it."""


@dataclass(frozen=True)
class ParameterCheck:
    """The worst coordinate of one parameter.

    Attributes:
      name: the parameter's path; index: the coordinate in it.
      analytic, numeric: the two derivatives there; relative_error: how far they differ.
      checked, size: coordinates compared, and there are.
    """

    name: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    relative_error: float
    checked: int
    size: int


@dataclass(frozen=True)
class GradientCheck:
    """What :func:`check_gradients` found; prints as a table, the worst parameter first."""

    parameters: tuple[ParameterCheck, ...]
    tolerance: float

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of all coordinates compared; NaN counts as infinite."""
        return max(check.relative_error for check in self.parameters)

    @property
    def ok(self) -> bool:
        """Whether it is within the tolerance."""
        return self.max_relative_error <= self.tolerance

    def __str__(self) -> str:
        head = "gradients agree" if self.ok else "gradients do NOT agree"
        lines = [
            f"{head}: largest relative error {self.max_relative_error:.2g} (tolerance {self.tolerance:g})"
        ]
        for check in sorted(self.parameters, key=lambda check: -check.relative_error):
            place = f"{check.name}[{', '.join(map(str, check.index))}]"
            lines.append(
                f"  {place}: by autodiff {check.analytic:.9g}, by differences {check.numeric:.9g}, relative error "
                f"{check.relative_error:.2g}; {check.checked} of {check.size} coordinates"
            )
        return "\n".join(lines)


def check_gradients(
    f: Callable[..., Any],
    params: Any,
    *args: Any,
    samples: int = 300,
    tolerance: float | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Compare ∂f/∂params by automatic differentiation with ``(f(θ + h) − f(θ − h)) / 2h`` in float64.

    Relative errors are ``|g − ĝ| / max(|g|, |ĝ|, 0.001 · max |g|)``; h = ∛ε · max(1, |θ|), which balances
    truncation and rounding; where f casts to float32 inside, as JAX's attention does, ε is float32's.
    Parameters and floating arguments are cast to float64 for the check; JAX's global configuration stays as it
    is. At a kink (ReLU at exactly 0) the two differ, as there is no derivative.

    Args:
      f: (params, *args) → a scalar, or an array: then its sum with fixed random signs and sizes is checked, so
        that a layer can be given as it is.
      params: any pytree; its floating leaves are checked. A Flax NNX module goes in as ``nnx.state(module)``
        with a function that merges it.
      args: what else f takes.
      samples: coordinates compared if there are more, spread over all parameters.
      tolerance: the largest relative error that is ``ok``; by default 1e-5, or 0.01 if f casts to float32.
      seed: of the choice of coordinates and of the random sum.

    Raises:
      ControlError: there is no floating parameter, f returns no floats, or it computes below float32.
    """
    with jax.enable_x64(True):
        leaves, structure = jax.tree_util.tree_flatten_with_path(params)
        chosen = [i for i, (_, leaf) in enumerate(leaves) if _is_float(leaf) and np.size(leaf)]
        if not chosen:
            raise ControlError("check_gradients: params hold no floating numbers to differentiate by")
        start = [jnp.asarray(leaves[i][1], jnp.float64) for i in chosen]
        args = jax.tree.map(lambda a: jnp.asarray(a, jnp.float64) if _is_float(a) else a, args)
        generator = np.random.default_rng(seed)

        def value(numbers: list[jax.Array]) -> jax.Array:
            whole = [leaf for _, leaf in leaves]
            for i, number in zip(chosen, numbers, strict=True):
                whole[i] = number
            return _scalar(f(jax.tree.unflatten(structure, whole), *args), seed)

        narrowest = _narrowest(jax.make_jaxpr(value)(start).jaxpr)
        analytic = jax.jit(jax.grad(value))(start)
        scale = max(float(jnp.max(jnp.abs(g))) for g in analytic)
        checks: list[ParameterCheck] = []
        for k, i in enumerate(chosen):
            size = start[k].size
            # Each parameter has its share, and no small one is left out.
            count = min(size, max(8, samples * size // sum(a.size for a in start)))
            places = np.sort(generator.choice(size, count, replace=False))
            numeric = np.asarray(_differences(value, start, k, places, narrowest))
            checks.append(_worst(_name(leaves[i][0]), start[k].shape, places, analytic[k], numeric, scale))
    return GradientCheck(tuple(checks), TOLERANCE[narrowest] if tolerance is None else tolerance)


def _differences(
    value: Callable[[list[jax.Array]], jax.Array],
    start: list[jax.Array],
    k: int,
    places: np.ndarray,
    dtype: np.dtype,
) -> jax.Array:
    def one(start: list[jax.Array], place: jax.Array) -> jax.Array:
        flat = start[k].reshape(-1)
        step = np.cbrt(float(jnp.finfo(dtype).eps)) * jnp.maximum(1.0, jnp.abs(flat[place]))

        def moved(by: jax.Array) -> jax.Array:
            changed = flat.at[place].add(by).reshape(start[k].shape)
            return value([*start[:k], changed, *start[k + 1 :]])

        # The step that the rounding of θ + h really took.
        width = (flat[place] + step) - (flat[place] - step)
        return (moved(step) - moved(-step)) / width

    return jax.jit(lambda start, places: lax.map(lambda place: one(start, place), places))(
        start, jnp.asarray(places)
    )


def _worst(
    name: str,
    shape: tuple[int, ...],
    places: np.ndarray,
    gradient: jax.Array,
    numeric: np.ndarray,
    scale: float,
) -> ParameterCheck:
    analytic = np.asarray(gradient).reshape(-1)[places]
    size = np.maximum.reduce([np.abs(analytic), np.abs(numeric), np.full(len(places), SMALL * scale)])
    error = np.abs(analytic - numeric) / np.where(size > 0, size, 1.0)
    error = np.where(np.isfinite(error), error, np.inf)
    worst = int(error.argmax())
    index = tuple(int(i) for i in np.unravel_index(places[worst], shape))
    pair = float(analytic[worst]), float(numeric[worst])
    return ParameterCheck(name, index, *pair, float(error[worst]), len(places), gradient.size)


def _scalar(output: Any, seed: int) -> jax.Array:
    if not _is_float(output):
        raise ControlError(f"check_gradients: f returned {type(output).__name__}, expected floats")
    if output.ndim == 0:
        return output
    return jnp.sum(output * jnp.asarray(np.random.default_rng(seed).normal(size=output.shape)))


def _narrowest(jaxpr: Jaxpr) -> np.dtype:
    """Return the narrowest floating type that a program computes in."""
    found = {np.dtype(np.float64)}
    for part in [jaxpr, *_inner(jaxpr)]:
        types = (getattr(v.aval, "dtype", None) for equation in part.eqns for v in equation.outvars)
        found |= {dtype for dtype in types if dtype is not None and jnp.issubdtype(dtype, jnp.floating)}
    narrowest = min(found, key=lambda dtype: dtype.itemsize)
    if narrowest not in TOLERANCE:
        raise ControlError(
            f"check_gradients: f computes in {narrowest} inside, where differences tell nothing; drop the cast"
        )
    return narrowest


def _inner(jaxpr: Jaxpr) -> list[Jaxpr]:
    return [part for direct in subjaxprs(jaxpr) for part in (direct, *_inner(direct))]


def _is_float(value: Any) -> bool:
    if isinstance(value, float):
        return True
    return jnp.issubdtype(getattr(value, "dtype", np.dtype(bool)), jnp.floating)


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".") or "params"
