"""A run's backbone: how its data is encoded, its part of the model, and the weights that it brings."""

import json

from flax import nnx

from netwright.core.controls import Architecture, Controls
from netwright.core.errors import ControlError
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.models._pretrained import BODY
from netwright.nn.skeleton import Arrays, split
from netwright.transfer.reading import Reading, loaded

ON_TOP = ("logistic", "mlp")
"""Kinds of model that can stand on a backbone's features."""


def prepare(dataset: Dataset, controls: Controls, *, embeddings: bool = True) -> Prepared:
    """Split and encode a data set as the controls ask, for a backbone if they name one.

    Raises:
      ControlError: the data is not of the backbone's kind, or the model cannot stand on one.
      BackboneError: it cannot be found, or its files are damaged.
    """
    architecture = controls.architecture
    if architecture.backbone is None:
        return dataset.prepare(controls.data, embeddings=embeddings)
    if architecture.kind not in ("auto", *ON_TOP):
        raise ControlError(
            f"architecture.kind: found '{architecture.kind}' with a backbone, expected 'logistic' or 'mlp', which "
            "stands on its features"
        )
    reading = Reading(architecture.backbone, architecture.transfer)
    return dataset.prepare(controls.data, embeddings=embeddings, fit=reading)


def finetunes(architecture: Architecture) -> bool:
    """Return whether the backbone is a part of the model."""
    return architecture.backbone is not None and architecture.transfer == "finetune"


def body_of(architecture: Architecture) -> str:
    """Return what the model's spec says of the backbone to train further; nothing without one."""
    if architecture.backbone is None or not finetunes(architecture):
        return ""
    network = loaded(architecture.backbone)
    return json.dumps({"family": network.family, "config": network.config}, sort_keys=True)


def groups_of(architecture: Architecture) -> tuple[str, ...]:
    """Return patterns of the parameters of the backbone to train further, bottom to top; none without one."""
    if architecture.backbone is None or not finetunes(architecture):
        return ()
    return tuple(f"{BODY}.{group}" for group in loaded(architecture.backbone).groups)


def averages(architecture: Architecture) -> bool:
    """Return whether the backbone to train further has running averages, as networks of convolutions do."""
    return bool(brought(architecture)[1])


def brought(architecture: Architecture) -> tuple[Arrays, Arrays]:
    """Return the parameters and running averages that the model takes over from its backbone."""
    if architecture.backbone is None or not finetunes(architecture):
        return {}, {}
    _, params, rest = split(nnx.clone(loaded(architecture.backbone).module))
    return (
        {f"{BODY}.{name}": array for name, array in params.items()},
        {f"{BODY}.{name}": array for name, array in rest.items()},
    )


def fingerprint_of(architecture: Architecture) -> str | None:
    """Return the fingerprint of the backbone, or None without one."""
    return None if architecture.backbone is None else loaded(architecture.backbone).fingerprint
