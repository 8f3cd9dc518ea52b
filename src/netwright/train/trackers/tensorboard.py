"""The callback that writes for TensorBoard."""

from importlib import import_module
from pathlib import Path
from typing import Any

from netwright.core.extras import needed
from netwright.train.events import Callback, EpochDone, Finish, Start
from netwright.train.trackers._numbers import numbers, settings


class TensorBoard(Callback):
    """Writes the numbers of each epoch at its step, ``loss/train``, ``loss/dev`` …, and the controls as a text.

    Args:
      folder: where to; see it with ``tensorboard --logdir FOLDER``. A resumed run goes on in the same folder.

    Raises:
      RunError: tensorboardX is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        needed("tensorboardX", "TensorBoard", "track")
        self.folder = Path(folder)

    def on_start(self, event: Start) -> None:
        """Open the file of events."""
        self._writer: Any = import_module("tensorboardX").SummaryWriter(str(self.folder))
        lines = [f"{name}: {value}" for name, value in settings(event.record.get("controls", {})).items()]
        self._writer.add_text("controls", "  \n".join(lines), event.epoch * event.steps_per_epoch)

    def on_epoch(self, event: EpochDone) -> None:
        """Write the epoch's numbers."""
        for name, value in numbers(event.record).items():
            self._writer.add_scalar(name, value, event.record["step"])
        self._writer.flush()

    def on_finish(self, event: Finish) -> None:
        """Say why training ended, and close the file."""
        self._writer.add_text("reason", event.reason)
        self._writer.close()
