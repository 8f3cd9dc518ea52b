"""What is chosen for sequences."""

from netwright.train.auto.facts import SMALL, Facts
from netwright.train.auto.table import Table

READERS = ("rnn", "lstm", "gru", "transformer")
"""Kinds that read step by step."""


class Sequence(Table):
    """The choices for one training on sequences; for a dense network the rules of a table hold."""

    @classmethod
    def default_kind(cls, facts: Facts) -> str:
        """Return a GRU: mostly as good as an LSTM (Chung et al. 2014), with three quarters of its weights."""
        del facts  # the same for all
        return "gru"

    def hidden(self) -> tuple[int, ...]:
        """Return one layer for little data; two blocks of a Transformer, which does little with one."""
        if self.kind == "transformer":
            return (64, 64)
        return (128,) if self.kind in READERS else super().hidden()

    def bidirectional(self) -> bool:
        """Return whether to read from both ends: what a sequence is may show at either."""
        return self.kind in ("rnn", "lstm", "gru")

    def learning_rate(self) -> float:
        """Return the peak of the schedule; gates bear a higher one."""
        if self.kind in ("lstm", "gru") and self.rule in ("adam", "adamw"):
            return 3e-3
        return super().learning_rate()

    def dropout(self) -> float:
        """Return the rate between layers and before the output; more for less data."""
        if self.kind not in READERS:
            return super().dropout()
        return 0.3 if self.facts.rows < SMALL else 0.1
