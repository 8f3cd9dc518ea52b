"""The folder of an improvement: improvement.json and the runs it points to; after a crash it reads as it was before."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from netwright.core import atomic
from netwright.core.controls import Controls
from netwright.core.errors import RunError
from netwright.data.dataset import Dataset
from netwright.improve.story import Improvement, Step
from netwright.train.folder import FolderTakenError
from netwright.train.restore import load
from netwright.train.run import Run

VERSION = 1


@dataclass
class Kept:
    """What an improvement that was stopped left behind.

    Attributes:
      start, run, controls, steps, reason: as in :class:`netwright.Improvement`.
      tried: settings tried so far.
    """

    start: Run
    run: Run
    controls: Controls
    steps: list[Step]
    reason: str
    tried: list[str] = field(default_factory=list)


class ImprovementFolder:
    """Writes and reads the state of an improvement."""

    def __init__(self, path: Path, asked: dict[str, Any]) -> None:
        self.path, self.asked = path, asked
        self.file = path / "improvement.json"

    def write(self, improvement: Improvement, tried: list[str]) -> None:
        """Save the runs that are not there yet, then the state; the state alone decides what counts."""
        names = {"start": "start", "run": "start" if improvement.run is improvement.start else "best"}
        if names["run"] == "best":
            names["run"] = (
                f"best-{len(improvement.steps)}"
                if improvement.run.path is None
                else improvement.run.path.name
            )
        for part, name in names.items():
            run: Run = getattr(improvement, part)
            if run.path is None:
                # What a stop in the middle of saving left behind: no state points to it.
                shutil.rmtree(self.path / name, ignore_errors=True)
                run.save(self.path / name)
        content = {
            "version": VERSION,
            "asked": self.asked,
            "runs": names,
            "tried": tried,
            **improvement.to_json(),
        }
        atomic.write_text(self.file, json.dumps(content, indent=2, default=str))
        for old in self.path.glob("best-*"):
            if old.name != names["run"]:
                shutil.rmtree(old)

    def read(self, dataset: Dataset) -> Kept | None:
        """Return what is kept, or None for a folder that is new, empty, or left before its first run was saved.

        From then on the folder says whose it is, so that a stop at any moment leaves one that can be gone on with.

        Raises:
          FolderTakenError: something else is there.
          RunError: it is damaged, or belongs to other data, controls or another seed.
        """
        if not self.file.is_file():
            if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
                raise FolderTakenError(f"{self.path}: exists already; choose another --out, or remove it")
            content = {"version": VERSION, "asked": self.asked, "runs": None}
            self.path.mkdir(parents=True, exist_ok=True)
            atomic.write_text(self.file, json.dumps(content, indent=2, default=str))
            return None
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
            found, runs = content["asked"], content["runs"]
            self._require_same(found)
            if runs is None:
                return None
            steps = [Step(**step) for step in content["steps"]]
            controls, tried, reason = (
                Controls(**content["controls"]),
                list(content["tried"]),
                content["reason"],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{self.file}: damaged ({error!r}); remove the folder and begin anew") from None
        start = load(self._inside(runs["start"]), dataset=dataset)
        run = start if runs["run"] == runs["start"] else load(self._inside(runs["run"]), dataset=dataset)
        return Kept(start, run, controls, steps, reason, tried)

    @property
    def holds_runs(self) -> bool:
        """Whether there is something to go on from."""
        return json.loads(self.file.read_text(encoding="utf-8"))["runs"] is not None

    def _require_same(self, found: dict[str, Any]) -> None:
        for name, value in self.asked.items():
            if found.get(name) != value:
                raise RunError(
                    f"{self.file}: was begun with another {name}; choose another --out, or ask for the same"
                )

    def _inside(self, name: str) -> Path:
        path = (self.path / name).resolve()
        if path.parent != self.path.resolve():
            raise RunError(f"{self.file}: points to {name}, out of its folder; refused")
        return path


def asked_of(dataset: Dataset, controls: Controls, seed: int) -> dict[str, Any]:
    """Return what must be equal for an improvement to go on where it was."""
    return {
        "data": dataset.fingerprint,
        "controls": controls.model_dump(mode="json"),
        "seed": seed,
    }


def plain(value: Any) -> dict[str, Any]:
    """Return a record as plain dictionaries and lists."""
    return asdict(value)
