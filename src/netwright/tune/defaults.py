"""The default space: around what would be chosen for the data, a small one for each kind of data."""

from collections.abc import Callable

from netwright.core.controls import Controls
from netwright.data.dataset import Dataset
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.pretrained import prepare
from netwright.tune.dimensions import Choice, Dimension, Float, Int
from netwright.tune.fields import value_of
from netwright.tune.space import Space

Dimensions = dict[str, Dimension]


def default(dataset: Dataset, controls: Controls | None = None) -> Space:
    """Return the default space of a data set: the controls that matter most for its kind, around their own choice.

    The learning rate, the weight decay, the dropout and the widths are always in it; images add the shift and the
    mixing of examples, sequences the clipping of gradients, several classes the smoothing of labels. What the
    controls settle, by a value other than the default, stays as it is.

    Raises:
      ControlError: the controls settle all of it.
    """
    controls = controls or Controls()
    facts = facts_of(prepare(dataset, controls))
    chosen = resolve(controls, facts)
    dimensions = _common(chosen) | OF_KIND.get(facts.layout.kind, _nothing_more)(chosen)
    if chosen.loss == "cce":
        dimensions["regularization.label_smoothing"] = Float(0.0, 0.2)
    return Space({name: each for name, each in dimensions.items() if _open(controls, name)})


def _common(chosen: Controls) -> Dimensions:
    rate = float(chosen.optimization.learning_rate)
    decay = float(chosen.regularization.weight_decay)
    dimensions: Dimensions = {
        "optimization.learning_rate": Float(rate / 10, rate * 10, log=True),
        "regularization.weight_decay": Float(decay / 100, decay * 10, log=True)
        if decay > 0
        else Float(1e-6, 1e-2, log=True),
    }
    widths = chosen.architecture.hidden
    if widths:
        dimensions["regularization.dropout"] = Float(0.0, 0.6)
        scaled = [[max(1, round(int(width) * factor)) for width in widths] for factor in (0.5, 1, 2)]
        dimensions["architecture.hidden"] = Choice(scaled)
    return dimensions


def _nothing_more(chosen: Controls) -> Dimensions:
    del chosen  # a table has what is common to all
    return {}


def _image(chosen: Controls) -> Dimensions:
    crop = int(chosen.regularization.crop)
    shift: Dimensions = {"regularization.crop": Int(0, 2 * crop)} if crop else {}
    return {"regularization.mixup": Float(0.0, 0.4)} | shift


def _sequence(chosen: Controls) -> Dimensions:
    del chosen  # the norm of a gradient does not depend on it
    return {"optimization.clip_norm": Float(0.1, 10.0, log=True)}


OF_KIND: dict[str, Callable[[Controls], Dimensions]] = {"image": _image, "sequence": _sequence}
"""What each kind of data adds; a kind that is not here has what is common to all."""


def _open(controls: Controls, name: str) -> bool:
    """Return whether the control was left to the data, or as it is by default."""
    return value_of(controls, name) in ("auto", value_of(Controls(), name))
