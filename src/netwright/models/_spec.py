"""What a model file is given to build from."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from netwright.core import catalog


@dataclass(frozen=True)
class ModelSpec:
    """Everything static about a model: equal specs give equal programs, and nothing is compiled twice.

    Attributes:
      kind: the model's registered name.
      n_in: columns of the input; n_out: outputs (1 for binary and regression, K for K classes).
      hidden: widths of the hidden layers.
      activation: name of the hidden layers' activation.
      batch_norm: normalize before each activation.
      dropout: drop hidden units; the rate itself is state, set by the trainer.
      dropout_scaling: where the scaling by the keep probability is applied.
      embeddings: (column, levels) of the columns that hold category codes, the last ones of the input.
      kernel, scale, bias: how parameters start; kernel ``"auto"`` follows the activation.
      precision: "float32" or "mixed".
    """

    kind: str
    n_in: int
    n_out: int
    hidden: tuple[int, ...] = ()
    activation: str = "relu"
    batch_norm: bool = False
    dropout: bool = False
    dropout_scaling: Literal["train", "inference"] = "train"
    embeddings: tuple[tuple[int, int], ...] = ()
    kernel: str = "auto"
    scale: float | None = None
    bias: float = 0.0
    precision: str = "float32"

    def to_json(self) -> dict[str, Any]:
        """Return the spec as JSON; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "ModelSpec":
        """Read a spec from JSON."""
        hidden: tuple[int, ...] = tuple(fields["hidden"])
        embeddings: tuple[tuple[int, int], ...] = tuple((c, n) for c, n in fields["embeddings"])
        whole: dict[str, Any] = {**fields, "hidden": hidden, "embeddings": embeddings}
        return cls(**whole)

    def initializer(self, activation: str) -> Any:
        """Return the kernel initializer of a layer followed by ``activation``."""
        name = (
            catalog.load("nn.activations", activation).initializer if self.kernel == "auto" else self.kernel
        )
        factory = catalog.load("nn.initializers", name)
        return factory(self.scale) if self.scale is not None and name in ("normal", "uniform") else factory()
