"""Which parameters learn, and how fast: controls for fine-tuning, by patterns of the parameters' names."""

from collections.abc import Sequence

from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.core.patterns import OUT


def freeze(controls: Controls, *patterns: str) -> Controls:
    """Return controls under which parameters stay as they are: without gradient, optimizer state or decay.

    The running averages of batch normalization that fit stay too, and serve in training; give "body.*.kernel",
    "body.*.bias" and "body.*.scale" to freeze the weights and let the averages adapt.

    Args:
      controls: to begin with.
      patterns: of dotted names as in ``run.summary``, such as "body.stem" or "*.bias".
    """
    optimization = controls.optimization
    return controls.replace(optimization=optimization.replace(freeze=(*optimization.freeze, *patterns)))


def unfreeze(controls: Controls, *patterns: str, at: float = 0.0, every: float = 0.0) -> Controls:
    """Return controls under which parameters learn: from the start, or from an epoch on (gradual unfreezing).

    Args:
      controls: to begin with.
      patterns: of dotted names, in the order in which they are to learn, mostly top to bottom.
      at: the epoch at which the first pattern begins; every: epochs until the next one does.

    Raises:
      ControlError: an epoch is negative.

    Reference: Howard and Ruder (2018), "Universal language model fine-tuning for text classification", section 3.3.
    """
    if not (at >= 0 and every >= 0):
        raise ControlError(f"unfreeze: at={at:g} and every={every:g}, expected epochs of at least 0")
    optimization = controls.optimization
    out = tuple(OUT + pattern for pattern in patterns)
    waiting = {pattern: at + place * every for place, pattern in enumerate(patterns)}
    known = {pattern: epoch for pattern, epoch in optimization.unfreeze.items() if pattern not in waiting}
    later = {pattern: epoch for pattern, epoch in waiting.items() if epoch > 0}
    return controls.replace(
        optimization=optimization.replace(
            freeze=(*optimization.freeze, *out) if optimization.freeze else (), unfreeze=known | later
        )
    )


def discriminative_rates(groups: Sequence[str], *, top: float = 0.1, decay: float = 0.8) -> dict[str, float]:
    """Return factors on the learning rate for ``Optimization(rates=…)``: the nearer the input, the smaller.

    What lies below holds more of what any data has in common; the topmost group gets ``top``, each other one
    ``decay`` times the one above it, and what fits no group, as the head, the whole rate.

    Args:
      groups: patterns, bottom to top, as :attr:`netwright.transfer.Backbone.groups` (put "body." before each).
      top: the factor of the topmost group, above 0.
      decay: the factor from a group to the one below it, above 0.

    Raises:
      ControlError: a factor is not above 0, or ``groups`` is one pattern.

    Reference: Howard and Ruder (2018), section 3.2, with a decay of 1 / 2.6.
    """
    if isinstance(groups, str):
        raise ControlError(
            f"discriminative_rates: found '{groups}', expected several patterns, such as backbone.groups"
        )
    if not (top > 0 and decay > 0):
        raise ControlError(f"discriminative_rates: top={top:g} and decay={decay:g}, expected numbers above 0")
    return {group: top * decay**below for below, group in enumerate(reversed(groups))}
