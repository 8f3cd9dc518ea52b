"""Errors a user can meet. A message names the place, what was found, what was expected and the mend."""

from typing import Any


class NetwrightError(Exception):
    """Base of every error netwright raises on purpose; its text is written for the user."""


class DataError(NetwrightError, ValueError):
    """The data cannot be read, split or encoded as asked."""


class ControlError(NetwrightError, ValueError):
    """A control is unknown, out of range or contradicts another."""


class RunError(NetwrightError):
    """A run folder is missing, damaged, unsafe or of another version."""


class BackboneError(NetwrightError, ValueError):
    """A pretrained backbone is missing, damaged, unsafe, or of a kind that netwright does not have."""


class TrainingError(NetwrightError, RuntimeError):
    """Training could not go on: a non-finite number, with the step and the first bad quantity.

    Attributes:
      run: the run up to there, with the last good weights, or None.
      failure: where it broke: a :class:`netwright.train.failure.Failure`, or None.
    """

    run: Any = None
    failure: Any = None
