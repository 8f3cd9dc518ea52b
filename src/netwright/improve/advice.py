"""What to try when a diagnosis has no more to say: a fixed order of controls, by bias and variance."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from netwright.core.controls import Controls
from netwright.diagnose.finding import Prescription

DROPOUTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65)
WIDTHS = (4, 1024)
MOST_EPOCHS = 600
Change = Callable[[Controls], Any]


def advice(
    controls: Controls, *, task: str, train: float, dev: float, floor: float | None
) -> list[Prescription]:
    """Return what to try next, in order.

    Avoidable bias is train error − floor and variance is dev − train error (Ng, Machine Learning Yearning); the side
    of the larger term comes first. Where the floor is not known, bias is at most the train error: unless variance is
    larger even so, the two cannot be told apart, and their controls take turns.

    Args:
      controls: resolved; no "auto" is left.
      task: "binary", "multiclass" or "regression".
      train, dev: errors; floor: the lower end of the Bayes error, or None.
    """
    bias, variance = train - (floor or 0.0), dev - train
    parts = f"train error {train:.4g}, dev error {dev:.4g}"
    less_variance = [
        Prescription(name, {name: value}, f"variance: {parts}", "estimation")
        for name, value in _changes(controls, _LESS_VARIANCE, task)
    ]
    less_bias = [
        Prescription(name, {name: value}, f"avoidable bias: {parts}", "approximation")
        for name, value in _changes(controls, _LESS_BIAS, task)
    ]
    if variance >= bias:
        return less_variance + less_bias
    if floor is not None:
        return less_bias + less_variance
    turns = zip_longest(less_variance, less_bias)
    return [one for turn in turns for one in turn if one is not None]


def _changes(controls: Controls, order: dict[str, Change], task: str) -> Iterator[tuple[str, Any]]:
    for key, change in order.items():
        name = key.partition(":")[0]
        if name == "regularization.label_smoothing" and (task == "regression" or controls.loss == "hinge"):
            continue
        value = change(controls)
        if value is not None:
            yield name, value


def _dropout(step: int) -> Change:
    def change(controls: Controls) -> float | None:
        now = float(controls.regularization.dropout)
        beyond = [p for p in DROPOUTS if (p > now if step > 0 else p < now)]
        if not beyond or not controls.architecture.hidden:
            return None
        return beyond[0] if step > 0 else beyond[-1]

    return change


def _decay(factor: float) -> Change:
    def change(controls: Controls) -> float | None:
        now = float(controls.regularization.weight_decay)
        if now == 0:
            return 0.01 if factor > 1 else None
        return _rounded(now * factor) if 1e-5 <= now * factor <= 10 else None

    return change


def _rate(factor: float) -> Change:
    return lambda controls: _rounded(float(controls.optimization.learning_rate) * factor)


def _width(factor: float) -> Change:
    def change(controls: Controls) -> list[int] | None:
        widths = [int(int(width) * factor) for width in controls.architecture.hidden]
        low, high = WIDTHS
        return widths if widths and low <= min(widths) and max(widths) <= high else None

    return change


def _layer(step: int) -> Change:
    def change(controls: Controls) -> list[int] | None:
        hidden = [int(width) for width in controls.architecture.hidden]
        if step < 0:
            return hidden[:-1] if hidden else None
        return [*hidden, hidden[-1]] if 0 < len(hidden) < 4 else None

    return change


def _batch(factor: float) -> Change:
    def change(controls: Controls) -> int | None:
        now = controls.optimization.batch_size
        return None if not isinstance(now, int) or not 8 <= now * factor <= 1024 else int(now * factor)

    return change


def _epochs(controls: Controls) -> int | None:
    now = int(controls.optimization.epochs)
    return 2 * now if 2 * now <= MOST_EPOCHS else None


def _smoothing(controls: Controls) -> float | None:
    return 0.1 if controls.regularization.label_smoothing == 0 else None


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


# The rate comes first on both sides: no other control is judged fairly at a rate that does not suit.
_LESS_VARIANCE: dict[str, Change] = {
    "optimization.learning_rate:higher": _rate(3),
    "regularization.weight_decay": _decay(10),
    "regularization.dropout": _dropout(+1),
    "regularization.label_smoothing": _smoothing,
    "architecture.hidden:narrower": _width(0.25),
    "architecture.hidden:shallower": _layer(-1),
    "optimization.learning_rate:lower": _rate(1 / 3),
    "optimization.batch_size:smaller": _batch(0.5),
}

_LESS_BIAS: dict[str, Change] = {
    "optimization.learning_rate:higher": _rate(3),
    "regularization.dropout": _dropout(-1),
    "architecture.hidden:wider": _width(2),
    "optimization.epochs": _epochs,
    "regularization.weight_decay": _decay(0.1),
    "architecture.hidden:deeper": _layer(+1),
    "optimization.batch_size:larger": _batch(2),
}
