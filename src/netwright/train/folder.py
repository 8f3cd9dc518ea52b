"""A run's folder: ``run.json``, ``model/``, ``history.parquet``, ``trace.parquet``, ``state/``. Nothing executes."""

import io
import json
import platform
import shlex
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from netwright.core import atomic, tensors
from netwright.core.errors import RunError
from netwright.core.lock import only_one

VERSION = 1
RECORD = ("status", "seed", "task", "data", "rows", "model", "controls")
"""What run.json always says."""
LOCK = "lock"
LARGEST_TOKENIZER = 2**26
PACKAGES = ("netwright", "jax", "flax", "optax", "numpy")


def versions() -> dict[str, str]:
    """Return the versions of everything that makes a run."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


class FolderTakenError(RunError):
    """The place of a new run holds something already."""


class RunFolder:
    """Reads and writes the files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = path / "state"

    @contextmanager
    def claimed(self) -> Generator[None]:
        """Hold the place of a new run within the block; what a training killed at its very start left is taken over.

        Raises:
          FolderTakenError: something else is there already, or another training holds the place.
          RunError: the folder cannot be made.
        """
        self.check_free()
        with ExitStack() as stack:
            try:
                stack.enter_context(self.held())
            except RunError:
                raise _taken(self.path) from None
            except OSError as error:
                raise RunError(f"{self.path}: cannot be made ({error.strerror})") from None
            # Another may have found the place free too, trained, and let go of it in the meantime.
            self.check_free()
            for half in self.path.glob(".*"):
                half.unlink()
            yield

    def held(self) -> AbstractContextManager[None]:
        """Keep other trainings out within the block.

        Raises:
          RunError: another one is at it.
        """
        return only_one(self.state / LOCK)

    def check_free(self) -> None:
        """Refuse a place where a new run cannot go; an empty folder is free, and one without a record yet.

        Raises:
          FolderTakenError: something else is there already.
        """
        if self.path.exists() and not (self.path.is_dir() and all(map(_leftover, self.path.iterdir()))):
            raise _taken(self.path)

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open the folder of an existing run.

        Raises:
          RunError: there is no run in it, or a part of it lies elsewhere.
        """
        if not (path / "run.json").is_file():
            raise RunError(
                f"{path}: no run here (run.json is missing); expected a folder that `netwright fit` made"
            )
        folder = cls(path)
        for name in ("run.json", "model", "state"):
            folder._inside(name)
        return folder

    # ------------------------------------------------------------------------------------------- the record

    def write_record(self, record: dict[str, Any]) -> None:
        """Write run.json, with the versions of everything that made the run."""
        whole = {"version": VERSION, **record, "versions": versions()}
        atomic.write_text(self.path / "run.json", json.dumps(whole, indent=2))

    def record(self) -> dict[str, Any]:
        """Read run.json.

        Raises:
          RunError: it is damaged or of an unknown version.
        """
        record = _json(self.path / "run.json")
        missing = [name for name in RECORD if name not in record]
        if missing:
            raise RunError(
                f"{self.path / 'run.json'}: damaged ('{missing[0]}' is missing); restore it or train again"
            )
        return record

    # -------------------------------------------------------------------------------------------- the model

    def write_model(
        self,
        config: dict[str, Any],
        weights: dict[str, np.ndarray],
        preprocess: dict[str, Any],
        tokenizer: str | None,
        backbone: dict[str, np.ndarray] | None,
    ) -> None:
        """Write the files of model/: config.json, which comes last, weights.safetensors and preprocess.json.

        Texts have a tokenizer.json beside them, and a backbone that encodes the rows backbone.safetensors.
        """
        tensors.save(self.path / "model" / "weights.safetensors", weights)
        atomic.write_text(self.path / "model" / "preprocess.json", json.dumps(preprocess))
        if backbone is not None:
            tensors.save(self.path / "model" / "backbone.safetensors", backbone)
        if tokenizer is not None:
            atomic.write_text(self.path / "model" / "tokenizer.json", tokenizer)
        atomic.write_text(
            self.path / "model" / "config.json", json.dumps({"version": VERSION, **config}, indent=2)
        )

    def read_model(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return (config, preprocess).

        Raises:
          RunError: there is no model yet, or its files are damaged, of an unknown version, or lead elsewhere.
        """
        if not (self.path / "model" / "config.json").is_file():
            command = f"netwright resume {shlex.quote(str(self.path))}"
            raise RunError(f"{self.path}: the run has no model yet; finish it with `{command}`")
        return _json(self._inside("model/config.json")), _json(
            self._inside("model/preprocess.json"), versioned=False
        )

    def read_tokenizer(self) -> str | None:
        """Return the content of tokenizer.json, or None where no text is read.

        Raises:
          RunError: it cannot be read, is far larger than a vocabulary, or leads elsewhere.
        """
        path = self._inside("model/tokenizer.json")
        if not path.is_file():
            return None
        if path.stat().st_size > LARGEST_TOKENIZER:
            raise RunError(f"{path}: has {path.stat().st_size:,} bytes, which no vocabulary needs; refused")
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RunError(f"{path}: cannot be read ({error}); restore it or train again") from None

    def weights_file(self) -> Path:
        """Return the path of the weights."""
        return self._inside("model/weights.safetensors")

    def backbone_file(self) -> Path:
        """Return the path of the weights of the backbone that encodes the rows."""
        return self._inside("model/backbone.safetensors")

    # ------------------------------------------------------------------------------------------- the records

    def write_frames(self, history: pl.DataFrame, trace: pl.DataFrame) -> None:
        """Write history.parquet and trace.parquet."""
        for name, frame in (("history", history), ("trace", trace)):
            buffer = io.BytesIO()
            frame.write_parquet(buffer)
            atomic.write_bytes(self.path / f"{name}.parquet", buffer.getvalue())

    def read_frame(self, name: str) -> pl.DataFrame:
        """Read history or trace."""
        path = self._inside(f"{name}.parquet")
        try:
            return pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise RunError(f"{path}: cannot be read ({error})") from None

    def drop_state(self) -> None:
        """Remove the checkpoints of a finished run."""
        if self.state.is_dir():
            for path in self.state.iterdir():
                path.unlink()
            self.state.rmdir()

    def _inside(self, name: str) -> Path:
        path = (self.path / name).resolve()
        if not path.is_relative_to(self.path.resolve()):
            raise RunError(f"{self.path / name}: leads out of the run's folder; refused")
        return path


def _taken(path: Path) -> FolderTakenError:
    return FolderTakenError(f"{path}: exists already; choose another --out, or remove it")


def _leftover(path: Path) -> bool:
    """Tell whether a training that was killed before its record was written left this."""
    if path.name == "state":
        return path.is_dir() and all(inner.name == LOCK for inner in path.iterdir())
    return atomic.is_temporary(path, "run.json")


def _json(path: Path, *, versioned: bool = True) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise RunError(f"{path}: damaged (not JSON); restore the file or train again") from None
    if not isinstance(content, dict):
        raise RunError(f"{path}: damaged (expected an object); restore the file or train again")
    if versioned and content.get("version") != VERSION:
        raise RunError(f"{path}: version {content.get('version')!r}, this netwright reads {VERSION}")
    return content
