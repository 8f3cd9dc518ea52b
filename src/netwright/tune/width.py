"""How many trials to train side by side: a few sizes, so that few programs are compiled."""

from collections.abc import Sequence

import jax
from jax.core import ShapedArray
from jax.extend.core import Jaxpr, subjaxprs

from netwright.train.cohort import Cohort
from netwright.train.feed import device_budget
from netwright.train.objective import outputs_of
from netwright.train.setup import abstract_weights
from netwright.train.step import training_model

COPIES = 6
"""Of the weights: themselves, gradients, two moments, the best so far, and what a step makes of them."""
MOST = 64
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, MOST)


def width_of(trials: int) -> int:
    """Return the least width that holds so many trials, or the greatest there is."""
    return next((width for width in WIDTHS if width >= trials), MOST)


def width_of_race(rungs: Sequence[tuple[int, int]]) -> int:
    """Return the one width at which a race costs least, as a new width would compile a new program.

    Args:
      rungs: how many trials take part, and how many epochs it is to the next rung.
    """
    return min(WIDTHS, key=lambda width: (_cost(rungs, width), width))


def _cost(rungs: Sequence[tuple[int, int]], width: int) -> float:
    """Return the epochs of single trials that a race takes as long as; places left empty are trained, too."""
    overhead = 4 if jax.default_backend() == "cpu" else MOST
    return sum(-(-trials // width) * (width + overhead) * epochs for trials, epochs in rungs)


def fitting(cohort: Cohort) -> int:
    """Return how many networks of a cohort fit into the device's memory side by side, at least one.

    Each needs its weights some times over, and what its forward pass makes of a batch twice, for the gradients, too.
    """
    params, rest = abstract_weights(cohort.spec)
    x = cohort.prepared.train.x
    batch = jax.ShapeDtypeStruct((cohort.plan.batch_size, *x.shape[1:]), x.dtype)
    traced = jax.make_jaxpr(
        lambda params, rest, x: outputs_of(cohort.plan, training_model(cohort.plan, params, rest), x)
    )(params, rest, batch)
    weights = sum(array.size * array.dtype.itemsize for array in params.values())
    return max(1, device_budget() // (COPIES * weights + 2 * _made(traced.jaxpr)))


def _made(jaxpr: Jaxpr) -> int:
    """Return the bytes of all that a computation makes on its way."""
    inner = sum(_made(part) for part in subjaxprs(jaxpr))
    return inner + sum(
        out.aval.size * out.aval.dtype.itemsize
        for step in jaxpr.eqns
        for out in step.outvars
        if isinstance(out.aval, ShapedArray)
    )
