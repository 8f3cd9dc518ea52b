"""What is chosen for models that stand on a pretrained backbone."""

from netwright.core.controls import Architecture, EarlyStopping
from netwright.core.processor import multiplies_bfloat16
from netwright.nn.kernels import native
from netwright.train.auto.table import Table
from netwright.train.pretrained import averages, groups_of
from netwright.transfer.freezing import discriminative_rates

STEPS = 400
"""Of fine-tuning: what a backbone has to learn anew it learns soon; later steps unlearn the rest."""
FEW = 100
"""Dev rows below which the epoch with the lowest dev loss is picked by chance: by 10 emoji it cost up to 26 points of
accuracy. Training is short here, and its schedule ends near 0, so that the last epoch is a good one."""


class Features(Table):
    """The choices for a head on features that stay as they are: those of a table, but linear."""

    @classmethod
    def default_kind(cls, facts: object) -> str:
        """Return a linear head: what is hard to see the backbone has made easy."""
        del facts  # the same for all
        return "logistic"

    def hidden(self) -> tuple[int, ...]:
        """Return one layer, for a head that is to have any."""
        return (128,)

    def stopping(self, epochs: int) -> EarlyStopping | None:
        """Return when to stop by the dev rows, if they are enough to see it by."""
        return super().stopping(epochs) if self.facts.dev_rows >= FEW else None

    def weight_decay(self) -> float:
        """Return much decay: features are many, and of few rows; emoji lost 7 errors in 100 by it."""
        return 1.0 if self.rule == "adamw" else 0.0


class Finetune(Features):
    """The choices for a backbone that is trained further: few steps, small ones below the head."""

    def batch_size(self) -> int:
        """Return small batches for little data."""
        return 16 if self.facts.rows < 1_000 else 32

    def epochs(self) -> int:
        """Return some hundred steps, within 3 … 20 epochs."""
        return min(20, max(3, STEPS // -(-self.facts.rows // self.batch_size())))

    def patience(self, epochs: int) -> int:
        """Return all epochs: they are few."""
        return epochs

    def learning_rate(self) -> float:
        """Return the head's rate, the peak of the schedule."""
        return 0.1 if self.rule in ("sgd", "momentum", "nesterov") else 1e-3

    def warmup(self, epochs: int) -> float:
        """Return the epochs of a linear warm-up: the head is random at first, and its gradients with it."""
        return epochs / 10

    def weight_decay(self) -> float:
        """Return little decay: the weights are where they belong, not near 0."""
        return 0.01 if self.rule == "adamw" else 0.0

    def precision(self) -> str:
        """Return bfloat16 products where they are faster: MiniLM learns the same in two thirds of the time.

        Convolutions in pure JAX kernels would only be rounded.
        """
        pays = self.facts.layout.kind != "image" or native.available()
        return "mixed" if pays and multiplies_bfloat16() else "float32"

    def dropout(self) -> float:
        """Return the rate before the head."""
        return 0.1

    def rates(self, architecture: Architecture) -> dict[str, float]:
        """Return a share of the head's rate for the topmost group, and less for each one below.

        A Transformer's is a twentieth. Convolutions go ten times as fast: emoji gained 2 to 6 points of accuracy by it
        on 50 and 200 rows, five seeds of five.
        """
        top = 0.5 if averages(architecture) else 0.05
        return discriminative_rates(groups_of(architecture), top=top, decay=0.8)
