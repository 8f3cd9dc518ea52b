"""What is said of several targets, checked against those that the data has."""

from collections.abc import Sequence

from netwright.core.controls import Controls, EarlyStopping, Targets
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest


def shared_out(controls: Controls, names: Sequence[str]) -> Targets:
    """Return the controls of several targets with a factor for each, 1 where none is named; of one as they are.

    Raises:
      ControlError: a target is named that the data does not have, or one loss is named for all of them.
    """
    targets = controls.optimization.targets
    if not names and targets != Targets():
        raise ControlError("optimization.targets: the data has one target; leave these controls out")
    if names and controls.loss != "auto":
        raise ControlError(
            f"loss: found '{controls.loss}' for {len(names)} targets; each has its task's own, use loss=auto"
        )
    for name in targets.weights:
        _check(name, names, "optimization.targets.weights")
    stopping = controls.regularization.early_stopping
    if isinstance(stopping, EarlyStopping) and stopping.target is not None:
        _check(stopping.target, names, "regularization.early_stopping.target")
    return targets.replace(weights={name: targets.weights.get(name, 1.0) for name in names})


def _check(name: str, names: Sequence[str], place: str) -> None:
    if name not in names:
        among = f"{nearest(name, names) or ';'} Targets: {listed(names)}." if names else ", it has one target"
        raise ControlError(f"{place}: the data has no target '{name}'{among}")
