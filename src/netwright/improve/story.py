"""The story of an improvement: what was measured, tried, proven and kept."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from netwright.core.controls import Controls
from netwright.diagnose.interval import Interval
from netwright.train.run import Run

StepKind = Literal["measure", "diagnose", "average", "prove", "explore", "end"]


@dataclass(frozen=True)
class Step:
    """One step of an improvement.

    Attributes:
      kind: "measure", "diagnose", "average", "prove", "explore" or "end".
      text: one line.
      error: dev error of the best run so far.
      compute: examples × epochs so far, measurements included; seconds: so far.
      details: the records behind it, as plain dictionaries and lists.
    """

    kind: StepKind
    text: str
    error: float
    compute: int
    seconds: float
    details: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{clock(self.seconds):>7}  {self.kind:<8}  {self.text}"


@dataclass
class Improvement:
    """What :func:`netwright.improve` returns.

    Attributes:
      name: of the data; metric: "error" (share of rows predicted wrongly) or "mse" (in the target's units).
      start, run: the first model, and the best; on the dev rows ``run`` is never worse than ``start``.
      controls: that survived their proofs.
      start_error, error: dev errors of both, with intervals over rows.
      steps: the story.
      reason: why it ended, "" while it goes on.
    """

    name: str
    metric: Literal["error", "mse"]
    start: Run
    run: Run
    controls: Controls
    start_error: Interval
    error: Interval
    steps: list[Step] = field(default_factory=list)
    reason: str = ""

    @property
    def compute(self) -> int:
        """Examples × epochs trained, measurements included."""
        return self.steps[-1].compute if self.steps else 0

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.steps[-1].seconds if self.steps else 0.0

    @property
    def model(self) -> str:
        """What the best model is, in words."""
        members = len(self.run.record.get("average", ()))
        if members:
            return f"the average of {members} networks"
        return "the first model" if self.run is self.start else f"the network of seed {self.run.seed}"

    @property
    def adopted(self) -> list[str]:
        """What was kept, in order, as ``--set`` takes it."""
        return [step.details["settings"] for step in self.steps if step.details.get("kept")]

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries and lists."""
        return {
            "name": self.name,
            "metric": self.metric,
            "start_error": asdict(self.start_error),
            "error": asdict(self.error),
            "adopted": self.adopted,
            "model": self.model,
            "reason": self.reason,
            "compute": self.compute,
            "seconds": self.seconds,
            "controls": self.controls.model_dump(mode="json"),
            "steps": [asdict(step) for step in self.steps],
        }

    def __str__(self) -> str:
        lines = [f"{self.name}: dev {self.metric} {self.start_error} → {self.error}", *map(str, self.steps)]
        return "\n".join([*lines, f"kept: {'; '.join(self.adopted) or 'nothing'}", f"best: {self.model}"])


def clock(seconds: float) -> str:
    """Return seconds as minutes:seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
