"""Pretrained backbones: one file a family, the network beside the words that its published files use.

A family's file has ``KIND`` ("text" or "image"), ``Config`` (its few settings), a builder of the file's own name,
``settings`` (from the hub's ``config.json`` to ``Config``) and ``CHECKPOINT`` (how its weights are named and lie).
Each module maps one array x, as the data room encodes it, to features (m, n_out), and has the attributes ``stem``
and ``blocks``, and where the features are made from more than the last block's output, ``top``.
"""

from collections.abc import Mapping
from typing import Any

from flax import nnx

from netwright.core import catalog
from netwright.core.errors import BackboneError

__all__ = ["build", "groups"]


def build(family: str, config: Mapping[str, Any], rngs: nnx.Rngs) -> Any:
    """Build a family's network at random weights.

    Args:
      family: a file of this folder, such as "bert".
      config: the fields of the family's ``Config``.
      rngs: NNX random streams.

    Raises:
      ControlError: the family is not known.
      BackboneError: a field is missing or of another family.
    """
    file = catalog.module("models.backbones", family)
    try:
        found = file.Config(**config)
    except TypeError as error:
        raise BackboneError(f"backbone '{family}': its settings do not fit ({error})") from None
    return getattr(file, family)(found, rngs)


def groups(module: Any) -> tuple[str, ...]:
    """Return patterns of parameter names, bottom to top: the stem, each block, the top where there is one."""
    blocks = tuple(f"blocks.{place}.*" for place in range(len(module.blocks)))
    return ("stem.*", *blocks, *(("top.*",) if getattr(module, "top", None) else ()))
