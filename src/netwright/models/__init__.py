"""Models: one file each, built from a :class:`ModelSpec`."""

from flax import nnx

from netwright.core import catalog
from netwright.models._average import Average
from netwright.models._pretrained import on_backbone
from netwright.models._spec import ModelSpec

__all__ = ["ModelSpec", "build"]


def build(spec: ModelSpec, rngs: nnx.Rngs) -> nnx.Module:
    """Build the model that the spec names, the average of its members, or what stands on its backbone."""
    if spec.members:
        return Average([build(member, rngs) for member in spec.members])
    if spec.backbone:
        return on_backbone(spec, rngs)
    return catalog.load("models", spec.kind)(spec, rngs)
