"""What is chosen for texts.

A network on the bag of words: of so few texts as people label, it learns more than what reads words in order. On
7,400 snippets of film reviews it was right on 79 % of others, a GRU on 69 %; beside other libraries see
benchmarks/quality_text.py.
"""

import math

from netwright.train.auto.facts import SMALL
from netwright.train.auto.table import Table

STEPS = 3_000
"""Steps after which the words that count are known; later ones learn single texts by heart."""


class Text(Table):
    """One layer on the words, much dropout, few epochs."""

    def hidden(self) -> tuple[int, ...]:
        """Return the widths of the hidden layers; a second layer has nothing to add to a bag of words."""
        return (64, 64) if self.kind == "transformer" else (128,)

    def batch_size(self) -> int:
        """Return about a hundred steps an epoch, within 16 … 256 texts, a power of two."""
        return int(2 ** min(8, max(4, round(math.log2(max(1, self.facts.rows / 100))))))

    def epochs(self) -> int:
        """Return enough for some steps, few as texts go, for words are learned by heart soon."""
        steps = -(-self.facts.rows // self.batch_size())
        return min(40, max(3, STEPS // steps))

    def patience(self, epochs: int) -> int:
        """Return all epochs of few texts; the best one is kept anyhow."""
        return epochs if self.facts.rows < SMALL else max(3, epochs // 2)

    def learning_rate(self) -> float:
        """Return the peak of the schedule; a layer that starts at 0 and has nothing above it goes faster."""
        return 5e-3 if self.kind == "logistic" and self.rule.startswith("adam") else super().learning_rate()

    def dropout(self) -> float:
        """Return half of the hidden units of a bag of words, fewer elsewhere."""
        return {"logistic": 0.0, "mlp": 0.5}.get(self.kind, 0.2)
