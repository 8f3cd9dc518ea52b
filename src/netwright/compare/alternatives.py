"""What is compared: controls by name, from the name of a family, from settings, or as they are."""

from collections.abc import Mapping, Sequence
from math import log

from netwright.core import catalog
from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest

Alternatives = str | Sequence[str] | Mapping[str, Controls]
FAMILIES = {
    "rules": ("optimization.rule", "optim.rules"),
    "schedules": ("optimization.schedule", "optim.schedules"),
    "initializers": ("initialization.kernel", "nn.initializers"),
}
"""Family → the control that names a member, and where the catalog has the members."""
SEPARATOR = ";"


def alternatives_of(wanted: Alternatives, controls: Controls, epochs: int) -> dict[str, Controls]:
    """Return name → controls, two or more of them.

    Args:
      wanted: "rules", "schedules" or "initializers": every member of that family; ``"group.name=a|b|c"``: one
        control at several values; a list of settings such as ``["optimization.rule=sgd;optimization.clip_norm=1",
        "optimization.rule=adam"]``; or controls by name.
      controls: what the alternatives have in common.
      epochs: over which the schedules of the family run.

    Raises:
      ControlError: the family or a control is unknown, or there are fewer than two alternatives.
    """
    if isinstance(wanted, Mapping):
        found = dict(wanted)
    elif not isinstance(wanted, str):
        found = {_short(text.split(SEPARATOR)): settled(controls, text.split(SEPARATOR)) for text in wanted}
    elif "=" in wanted:
        name, _, values = wanted.partition("=")
        found = {value.strip(): settled(controls, [f"{name}={value}"]) for value in values.split("|")}
    elif wanted == "schedules":
        found = {kind: settled(controls, schedule_settings(kind, epochs)) for kind in _members(wanted)}
    else:
        field = FAMILIES.get(wanted, ("",))[0]
        found = {member: settled(controls, [f"{field}={member}"]) for member in _members(wanted)}
    if len(found) < 2:
        raise ControlError(f"compare: found {listed(found) or 'nothing'}, expected two or more alternatives")
    return found


def settled(controls: Controls, settings: Sequence[str]) -> Controls:
    """Return the controls with settings such as ``optimization.rule=adam`` over them."""
    for setting in settings:
        controls = controls.with_setting(setting)
    return controls


def schedule_settings(kind: str, epochs: int) -> list[str]:
    """Return a schedule in its usual proportions: parameters that have no default follow the length of training.

    Steps to a tenth at thirds (He et al., 2016); a fall to a hundredth in all; four triangles from 0; restarts
    after 1/7 and 3/7, so that the third cycle ends with training (Loshchilov and Hutter, 2017).
    """
    numbers = {
        "step_decay": {"factor": 0.1, "every": epochs / 3},
        "exponential_decay": {"k": log(100) / epochs},
        "cyclical": {"low": 0.0, "period": epochs / 4},
        "warm_restarts": {"period": epochs / 7, "multiplier": 2.0},
    }.get(kind, {})
    given = "".join(f", {name}: {value!r}" for name, value in numbers.items())
    return [f"optimization.schedule={{kind: {kind}{given}}}"]


def _short(settings: Sequence[str]) -> str:
    """Return the settings without the names of their groups."""
    named = (setting.strip().partition("=") for setting in settings)
    return ", ".join(f"{name.partition('.')[2] or name}={value}" for name, _, value in named)


def _members(family: str) -> tuple[str, ...]:
    if family not in FAMILIES:
        raise ControlError(
            f"compare: found '{family}'{nearest(family, FAMILIES) or ';'} "
            f"Expected {listed(FAMILIES)}, or group.name=value|value"
        )
    return catalog.names(FAMILIES[family][1])
