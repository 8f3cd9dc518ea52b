"""What is chosen for a table, and for any data that has no rules of its own."""

import math
from dataclasses import dataclass

from netwright.core.controls import Architecture, EarlyStopping
from netwright.train.auto.facts import SMALL, Facts


@dataclass(frozen=True)
class Table:
    """The choices for one training; a kind of data is a subclass with the rules that differ.

    Attributes:
      facts: what is known of the data.
      kind: the model's kind, "auto" replaced by :meth:`default_kind`.
      rule: the update rule.
    """

    facts: Facts
    kind: str
    rule: str

    @classmethod
    def default_kind(cls, facts: Facts) -> str:
        """Return the kind of model."""
        del facts  # the same for all tables
        return "mlp"

    def hidden(self) -> tuple[int, ...]:
        """Return the widths of the hidden layers."""
        return (128, 128) if self.facts.rows < SMALL else (256, 128)

    def blocks(self) -> int:
        """Return the residual blocks of each width."""
        return 1

    def head(self) -> tuple[int, ...]:
        """Return the widths of the dense layers after the last map."""
        return ()

    def bidirectional(self) -> bool:
        """Return whether to read from both ends."""
        return False

    def batch_norm(self) -> bool:
        """Return whether to normalize: deep stacks of convolutions hardly train without."""
        return self.kind in ("cnn", "resnet")

    def batch_size(self) -> int:
        """Return about fifty steps an epoch, within 16 … 256 rows, a power of two."""
        return int(2 ** min(8, max(4, round(math.log2(max(1, self.facts.rows / 50))))))

    def epochs(self) -> int:
        """Return enough for some thousands of steps; noise in labels makes long training of a classifier a waste."""
        steps = -(-self.facts.rows // self.batch_size())
        wanted = 9_000 if self.facts.task == "regression" else 3_000
        return 150 if self.facts.rows < SMALL else min(150, max(20, wanted // steps))

    def patience(self, epochs: int) -> int:
        """Return all epochs of small data, where they cost little and the last, slow ones of the schedule help."""
        return epochs if self.facts.rows < SMALL else max(10, epochs // 2)

    def stopping(self, epochs: int) -> EarlyStopping | None:
        """Return when to stop by the dev rows, if there are any."""
        return EarlyStopping(patience=self.patience(epochs)) if self.facts.dev_rows else None

    def learning_rate(self) -> float:
        """Return the peak of the schedule."""
        if self.rule in ("sgd", "momentum", "nesterov"):
            return 0.1
        return 3e-3 if self.facts.task == "regression" and self.facts.rows >= SMALL else 1e-3

    def warmup(self, epochs: int) -> float:
        """Return the epochs of a linear warm-up before the schedule."""
        del epochs  # none is needed
        return 0.0

    def rates(self, architecture: Architecture) -> dict[str, float]:
        """Return factors on the learning rate by patterns of parameters."""
        del architecture  # all learn at one rate
        return {}

    def precision(self) -> str:
        """Return the type of the matrix products."""
        return "float32"

    def weight_decay(self) -> float:
        """Return the decay beside the rule."""
        return 0.1 if self.rule == "adamw" else 0.0

    def crop(self) -> int:
        """Return by how many pixels to move images."""
        return 0

    def dropout(self) -> float:
        """Return more for less data; none where much data makes underfitting the greater risk."""
        if self.kind == "logistic":
            return 0.0
        if self.facts.task == "regression":
            return 0.3 if self.facts.rows < SMALL else 0.0
        return 0.2
