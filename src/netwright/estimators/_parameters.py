"""The estimators' flat parameters, and the controls that they mean."""

from typing import Any

import numpy as np

from netwright.core.controls import Controls, EarlyStopping

PLACES = {
    "hidden": ("architecture", "hidden"),
    "activation": ("architecture", "activation"),
    "batch_norm": ("architecture", "batch_norm"),
    "kernel_initializer": ("initialization", "kernel"),
    "rule": ("optimization", "rule"),
    "rule_options": ("optimization", "options"),
    "learning_rate": ("optimization", "learning_rate"),
    "schedule": ("optimization", "schedule"),
    "batch_size": ("optimization", "batch_size"),
    "epochs": ("optimization", "epochs"),
    "clip_norm": ("optimization", "clip_norm"),
    "tolerance": ("optimization", "tolerance"),
    "precision": ("optimization", "precision"),
    "l1": ("regularization", "l1"),
    "l2": ("regularization", "l2"),
    "weight_decay": ("regularization", "weight_decay"),
    "dropout": ("regularization", "dropout"),
    "label_smoothing": ("regularization", "label_smoothing"),
    "normalize": ("data", "normalize"),
    "shuffle": ("data", "shuffle"),
    "dev_fraction": ("data", "dev_fraction"),
}


def changes_of(parameters: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return {group: {field: value}} of the parameters that are not "auto"."""
    changes: dict[str, dict[str, Any]] = {}
    for name, (group, field) in PLACES.items():
        value = plain(parameters.get(name, "auto"))
        if not is_auto(value):
            changes.setdefault(group, {})[field] = value
    hidden = changes.get("architecture", {}).get("hidden")
    if isinstance(hidden, int):
        changes["architecture"]["hidden"] = (hidden,)
    return changes


def controls_of(parameters: dict[str, Any]) -> Controls:
    """Return ``controls``, with the fields replaced that a parameter other than "auto" names.

    Raises:
      ControlError: a value is out of range or of the wrong type.
    """
    controls: Controls = parameters["controls"] or Controls()
    changes = changes_of(parameters)
    loss = parameters["loss"]
    groups = {group: getattr(controls, group).replace(**fields) for group, fields in changes.items()}
    controls = controls.replace(**groups, **({} if is_auto(loss) else {"loss": loss}))
    stopping = _stopping(controls, parameters["early_stopping"], parameters["patience"])
    return controls.replace(regularization=controls.regularization.replace(early_stopping=stopping))


def _stopping(controls: Controls, wanted: Any, patience: Any) -> Any:
    present = controls.regularization.early_stopping
    if is_auto(wanted) and is_auto(patience):
        return present
    if not is_auto(wanted) and not wanted:
        return None
    stopping = present if isinstance(present, EarlyStopping) else EarlyStopping()
    return stopping if is_auto(patience) else stopping.replace(patience=plain(patience))


def is_auto(value: Any) -> bool:
    """Tell whether a parameter is left to the controls."""
    return isinstance(value, str) and value == "auto"


def plain(value: Any) -> Any:
    """Return NumPy's scalars and arrays, which searches over grids hand out, as Python's own."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
