"""The learning rate's way from the controls, which count in epochs, to a function of the step."""

import inspect
from collections.abc import Callable
from typing import Any

import jax

from netwright.core import catalog
from netwright.core.controls import Schedule
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest
from netwright.optim.schedules._warmup import warmup

RATES = ("rate", "peak", "high")
"""What schedules call the controls' learning rate."""
LENGTHS = ("every", "period")


def schedule_numbers(schedule: Schedule, epochs: int, steps_per_epoch: int) -> dict[str, float]:
    """Return the schedule's own arguments but for its rate; lengths in epochs become steps.

    Raises:
      ControlError: a parameter is unknown or missing.
    """
    known = _parameters(schedule.kind)
    own = [name for name in known if name not in (*RATES, "steps")]
    place = f"optimization.schedule ({schedule.kind})"
    for name in schedule.parameters:
        if name not in own:
            raise ControlError(
                f"{place}: no parameter '{name}'{nearest(name, own) or ';'} Known: {listed(own)}."
            )
    for name in own:
        if known[name].default is inspect.Parameter.empty and name not in schedule.parameters:
            raise ControlError(f"{place}: '{name}' is missing; set optimization.schedule.{name}")
    if schedule.warmup >= epochs:
        raise ControlError(
            f"optimization.schedule.warmup: {schedule.warmup:g} epochs of warm-up leave none of the {epochs} epochs; "
            "lower it or raise optimization.epochs"
        )
    units = dict.fromkeys(LENGTHS, float(steps_per_epoch)) | {"k": 1 / steps_per_epoch}
    numbers = {name: value * units.get(name, 1.0) for name, value in schedule.parameters.items()}
    return numbers | ({"steps": (epochs - schedule.warmup) * steps_per_epoch} if "steps" in known else {})


def rate_function(
    kind: str, numbers: dict[str, Any], learning_rate: Any, warmup_steps: Any | None
) -> Callable[[Any], jax.Array]:
    """Return the function step → rate; all numbers may be traced."""
    rate = next(name for name in _parameters(kind) if name in RATES)
    schedule = catalog.load("optim.schedules", kind)(**{rate: learning_rate}, **numbers)
    return schedule if warmup_steps is None else warmup(schedule, warmup_steps)


def _parameters(kind: str) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(catalog.load("optim.schedules", kind)).parameters)
