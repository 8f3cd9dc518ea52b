"""A pretrained backbone: a network with its weights, and what its rows go through before it."""

import hashlib
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx
from numpy.typing import NDArray

from netwright.core import catalog
from netwright.core.errors import BackboneError
from netwright.core.names import listed, nearest
from netwright.models import backbones
from netwright.nn.skeleton import split
from netwright.transfer import preprocess
from netwright.transfer.hub import folder_of
from netwright.transfer.hub_folder import float32, json_of, needed, text_of, weights_of

FAMILY = "models.backbones"
POOLING = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "first"}
"""What sentence-transformers calls the ways from a text's tokens to its features."""


@dataclass(frozen=True)
class Backbone:
    """A network that maps encoded rows to features, with pretrained weights.

    Attributes:
      name: as it was asked for.
      family: a file of ``netwright.models.backbones``; config: the fields of its ``Config``.
      module: maps x (m, …) to features (m, width): x is what the encoder in ``preprocess`` gives.
      width: numbers in a row's features.
      kind: "text" or "image": what the rows are.
      preprocess: the fields of the data room's encoder; of a text, the content of its tokenizer is among them.
      fingerprint: SHA-256 of weights, config and preprocessing, in hexadecimal.
      groups: patterns of the module's parameter names, bottom to top; each parameter fits one.
    """

    name: str
    family: str
    config: dict[str, Any]
    module: Any
    width: int
    kind: str
    preprocess: dict[str, Any]
    fingerprint: str
    groups: tuple[str, ...]


def backbone(name_or_path: str | Path, *, revision: str | None = None) -> Backbone:
    """Load a pretrained backbone.

    Args:
      name_or_path: a folder in the model hub's layout (``config.json``, ``model.safetensors``, ``tokenizer.json`` or
        ``preprocessor_config.json``); a fetched asset such as ``"minilm"``; or an id of the model hub such as
        ``"sentence-transformers/all-MiniLM-L6-v2"``, which is downloaded once, by huggingface_hub.
      revision: of an id: a branch, a tag or a commit.

    Returns:
      The :class:`Backbone`. Nothing in its files was executed.

    Raises:
      BackboneError: there is no such backbone, its family is not known, or a file is damaged, unsafe or of another
        model; the message names the file.
    """
    folder = folder_of(str(name_or_path), revision)
    hub = needed(folder, "config.json", json_of(folder, "config.json"))
    pooling = _pooling(json_of(folder, "1_Pooling/config.json"))
    with _naming(folder / "config.json"):
        family = _family(hub)
        file = catalog.module(FAMILY, family)
        config = file.settings({**hub, **pooling})
    prepared = (_text if file.KIND == "text" else _image)(folder, file, config)
    published = weights_of(folder)
    with _naming(folder):
        arrays = float32(file.CHECKPOINT.arrays(published))
        module = _filled(family, asdict(config), arrays)
    module.eval()
    return Backbone(
        name=str(name_or_path),
        family=family,
        config=asdict(config),
        module=module,
        width=module.n_out,
        kind=file.KIND,
        preprocess=prepared,
        fingerprint=_fingerprint(family, asdict(config), prepared, arrays),
        groups=backbones.groups(module),
    )


@contextmanager
def _naming(place: Path) -> Generator[None]:
    """Put the file or folder before what is wrong with it."""
    try:
        yield
    except BackboneError as error:
        raise BackboneError(f"{place}: {error}") from None


def _family(hub: Mapping[str, Any]) -> str:
    family, known = str(hub.get("model_type")), catalog.names(FAMILY)
    if family not in known:
        raise BackboneError(
            f"model_type is '{family[:40]}'{nearest(family, known) or ';'} netwright has {listed(known)}"
        )
    return family


def _pooling(fields: Mapping[str, Any] | None) -> dict[str, str]:
    """Return how sentence-transformers pools, where the folder says so."""
    if fields is None:
        return {}
    chosen = [name for name, used in fields.items() if name.startswith("pooling_mode_") and used is True]
    return {"pooling": " and ".join(POOLING.get(name, name) for name in chosen)}


def _text(folder: Path, file: Any, config: Any) -> dict[str, Any]:
    tokenizer = needed(folder, "tokenizer.json", text_of(folder, "tokenizer.json"))
    longest = (json_of(folder, "sentence_bert_config.json") or {}).get("max_seq_length")
    longest = longest if type(longest) is int and 2 < longest <= config.places else config.places
    with _naming(folder / "tokenizer.json"):
        return preprocess.text(
            tokenizer, longest=longest, first_code=file.FIRST_CODE, vocabulary=config.vocabulary
        )


def _image(folder: Path, file: Any, config: Any) -> dict[str, Any]:
    name = "preprocessor_config.json"
    fields = needed(folder, name, json_of(folder, name))
    with _naming(folder / name):
        found = preprocess.image(fields, getattr(config, "channels", 3))
        (size, _) = found["size"]
        # A network without places takes images of any size, one with them only of its own.
        if getattr(config, "image", size) != size:
            raise BackboneError(
                f"images of {size} pixels a side, expected {config.image}, as config.json says"
            )
    return found


def _filled(family: str, config: dict[str, Any], arrays: Mapping[str, NDArray[np.float32]]) -> Any:
    """Return the family's network with these arrays as its parameters and statistics.

    Raises:
      BackboneError: one is missing, too many, or of another shape.
    """
    abstract = nnx.eval_shape(lambda: backbones.build(family, config, nnx.Rngs(0)))
    skeleton, params, rest = split(abstract)
    expected = {name: tuple(one.shape) for name, one in (params | rest).items()}
    for name, shape in expected.items():
        if name not in arrays:
            raise BackboneError(f"weights: '{name}' is missing; the file is another model's")
        if arrays[name].shape != shape:
            raise BackboneError(
                f"weights: '{name}' is {arrays[name].shape}, expected {shape} by config.json; "
                "the files belong to two models"
            )
    extra = sorted(set(arrays) - set(expected))
    if extra:
        raise BackboneError(
            f"weights: '{extra[0]}' is too many for config.json; the files belong to two models"
        )
    return skeleton.merge(*({name: jnp.asarray(arrays[name]) for name in names} for names in (params, rest)))


def _fingerprint(
    family: str, config: dict[str, Any], prepared: dict[str, Any], arrays: Mapping[str, NDArray[np.float32]]
) -> str:
    words = {"family": family, "config": config, "preprocess": prepared}
    digest = hashlib.sha256(json.dumps(words, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].shape}".encode())
        digest.update(arrays[name].data)
    return digest.hexdigest()
