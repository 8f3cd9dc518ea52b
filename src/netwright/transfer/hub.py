"""Where a backbone's folder is: on this machine, among the fetched assets, or on the model hub."""

import re
from pathlib import Path

from netwright.core.errors import BackboneError
from netwright.core.names import listed
from netwright.data.examples import asset_folder
from netwright.transfer.hub_folder import WEIGHTS

ASSETS = ("minilm", "efficientnet_lite0", "mobilenet_v2")
"""Backbones that ``scripts/assets.py`` fetches."""
BESIDE = (
    "config.json",
    "preprocessor_config.json",
    "tokenizer.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
)
"""All that is read of a folder beside its weights."""
_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


def folder_of(name: str, revision: str | None) -> Path:
    """Return the folder of a backbone: the path itself, a fetched asset of that name, or the hub's copy of an id.

    Raises:
      BackboneError: there is none.
    """
    if Path(name).is_dir():
        return Path(name)
    if name in ASSETS:
        asset = asset_folder() / name
        if not asset.is_dir():
            raise BackboneError(
                f"backbone '{name}': {asset} is not there; fetch it with: python scripts/assets.py {name}"
            )
        return asset
    if not _ID.fullmatch(name):
        raise BackboneError(
            f"backbone '{name}': no such folder; expected one, an id of the model hub, or one of {listed(ASSETS)}"
        )
    return _fetched(name, revision)


def _fetched(name: str, revision: str | None) -> Path:
    """Return the folder of a hub's id, downloaded unless it lies in the hub's cache."""
    try:
        from huggingface_hub import errors, snapshot_download  # of an extra
    except ImportError:
        raise BackboneError(
            f"backbone '{name}': neither a folder nor one of {listed(ASSETS)}; the model hub needs huggingface_hub: "
            'pip install "netwright[pretrained]"'
        ) from None

    def download(patterns: list[str]) -> Path:
        return Path(snapshot_download(name, revision=revision, allow_patterns=patterns))

    try:
        # The first kind of weights that the id has is enough: others are the same numbers once more.
        for weights in WEIGHTS:
            stem, _, ending = weights.rpartition(".")
            folder = download([*BESIDE, weights, f"{weights}.index.json", f"{stem}-*-of-*.{ending}"])
            if any((folder / file).is_file() for file in (weights, f"{weights}.index.json")):
                return folder
    except (errors.HfHubHTTPError, errors.EntryNotFoundError, errors.HFValidationError, OSError) as error:
        said = " ".join(str(error).split())[:160]
        raise BackboneError(f"backbone '{name}': the model hub does not give it ({said})") from None
    raise BackboneError(f"backbone '{name}': the model hub has no {listed(WEIGHTS)} of it")
