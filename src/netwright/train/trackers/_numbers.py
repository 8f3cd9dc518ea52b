"""What trackers tell: an epoch's numbers and a run's controls, by name."""

from collections.abc import Mapping
from typing import Any

NOT_MEASURED = ("epoch", "step")


def numbers(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of an epoch's row of the history, named so that those to compare stand together.

    ``train_loss`` becomes ``loss/train``; of a population, each member's is ``loss/train/0``, ``loss/train/1``, …
    """
    found: dict[str, float] = {}
    for name, value in record.items():
        part, _, what = name.partition("_")
        shown = f"{what}/{part}" if part in ("train", "dev") and what else name
        if isinstance(value, list):
            found |= {f"{shown}/{member}": float(one) for member, one in enumerate(value)}
        elif name not in NOT_MEASURED:
            found[shown] = float(value)
    return found


def settings(controls: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the controls as text by their dotted names: ``optimization.learning_rate``."""
    found: dict[str, str] = {}
    for name, value in controls.items():
        if isinstance(value, Mapping):
            found |= settings(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = str(value)
    return found
