"""A data set made ready for one training run: split, encoded and weighted."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.arrays import Arrays
from netwright.data.encoder import Encoder
from netwright.data.features import Features
from netwright.data.splits import Rows, Splits
from netwright.data.target import Target
from netwright.data.target_encoder import TargetEncoder
from netwright.data.targets import Targets
from netwright.data.targets_encoder import TargetsEncoder
from netwright.data.weights import training_weights


@dataclass(frozen=True)
class Prepared:
    """Encoders fitted on the training rows, and the parts, each encoded when first asked for.

    Attributes:
      task: "binary", "multiclass", "regression" or "multitask".
      splits: row numbers of each part.
      given: the parts that came from outside, such as "dev"; the others were split off one table.
    """

    task: str
    encoder: Encoder
    target: TargetEncoder | TargetsEncoder
    splits: Splits
    controls: DataControls
    features: Features
    labels: Target | Targets
    sample_weight: np.ndarray | None
    source: str
    given: tuple[str, ...] = ()

    @cached_property
    def train(self) -> Arrays:
        """The training rows of positive weight; weights are sample weight × class weight with mean 1."""
        weight = self._training_weights()
        return self._arrays(self.train_rows, weight[weight > 0])

    @property
    def train_rows(self) -> Rows:
        """The number in the data of each row of :attr:`train`."""
        return self.splits.train[self._training_weights() > 0]

    def _training_weights(self) -> np.ndarray:
        rows = self.splits.train
        return training_weights(self.labels, rows, self.sample_weight, self.controls.class_weight)

    @cached_property
    def dev(self) -> Arrays | None:
        """The rows that choose, or None when there are none; weights are the sample weights as given."""
        return self._held_out(self.splits.dev)

    @cached_property
    def test(self) -> Arrays | None:
        """The rows that judge, or None when there are none; weights are the sample weights as given."""
        return self._held_out(self.splits.test)

    @cached_property
    def train_dev(self) -> Arrays | None:
        """Rows like the training rows, never trained on, or None when none were cut; weights as given."""
        return self._held_out(self.splits.train_dev)

    def _held_out(self, rows: Rows) -> Arrays | None:
        if len(rows) == 0:
            return None
        weight = np.ones(len(rows)) if self.sample_weight is None else self.sample_weight[rows]
        if not weight.any():
            raise DataError(
                f"{self.source}: every held-out row has the weight 0, so nothing can be judged by them"
            )
        return self._arrays(rows, weight.astype(np.float32))

    def _arrays(self, rows: Rows, weight: np.ndarray) -> Arrays:
        x = self.encoder.transform(self.features.content, rows=rows, source=self.source)
        return Arrays(x, self.target.scaled(self.labels.values[rows]), weight)
