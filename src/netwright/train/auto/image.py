"""What is chosen for images."""

from netwright.core.processor import multiplies_bfloat16
from netwright.nn.kernels import native
from netwright.train.auto.facts import SMALL, Facts
from netwright.train.auto.table import Table

STEPS = 8_000
"""After so many a small convolutional network gains little more; larger data takes 16 epochs all the same."""


class Image(Table):
    """The choices for one training on images.

    For an image of a few pixels, and for dense networks, the rules of a table hold.
    """

    @classmethod
    def default_kind(cls, facts: Facts) -> str:
        """Return convolutions, unless the image is too small to have places."""
        return "cnn" if min(facts.layout.shape[:2]) >= 4 else "mlp"

    def hidden(self) -> tuple[int, ...]:
        """Return channels that double as the map halves; large images begin with fewer."""
        if self.kind == "resnet":
            return (16, 32, 64)
        if self.kind != "cnn":
            return (64, 64) if self.kind == "cnn_transformer" else super().hidden()
        return (32, 64, 128) if min(self.facts.layout.shape[:2]) < 48 else (16, 32, 64, 128)

    def head(self) -> tuple[int, ...]:
        """Return one dense layer after the maps of a convolutional network."""
        return (128,) if self.kind == "cnn" else ()

    def batch_size(self) -> int:
        """Return at most 128: a step of convolutions is long enough to be worth dispatching."""
        return min(128, super().batch_size())

    def epochs(self) -> int:
        """Return about eight thousand steps, within 16 … 60 epochs."""
        if not self._convolves:
            return super().epochs()
        steps = -(-self.facts.rows // self.batch_size())
        return min(60, max(16, STEPS // steps))

    def learning_rate(self) -> float:
        """Return a higher rate where batches are normalized."""
        return 3e-3 if self._convolves and self.rule in ("adam", "adamw") else super().learning_rate()

    def precision(self) -> str:
        """Return bfloat16 products where they were measured to pay: with native kernels, 1.6 to 2 times as fast.

        The loss on digits was the same with three seeds. In pure JAX kernels the factors are only rounded to bfloat16.
        """
        pays = self._convolves and native.available() and multiplies_bfloat16()
        return "mixed" if pays else "float32"

    def crop(self) -> int:
        """Return about a fourteenth of the side: what a thing is does not change with its place."""
        return round(min(self.facts.layout.shape[:2]) / 14) if self._convolves else 0

    def dropout(self) -> float:
        """Return the rate before the head; more for less data."""
        if not self._convolves:
            return super().dropout()
        return 0.3 if self.facts.rows < SMALL else 0.2

    @property
    def _convolves(self) -> bool:
        return self.kind in ("cnn", "resnet")
