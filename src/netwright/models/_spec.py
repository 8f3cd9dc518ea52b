"""What a model file is given to build from."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from netwright.core import catalog
from netwright.core.layout import Layout


@dataclass(frozen=True)
class ModelSpec:
    """Everything static about a model: equal specs give equal programs, and nothing is compiled twice.

    Attributes:
      kind: the model's registered name.
      layout: what one example is; n_out: outputs (1 for binary and regression, K for K classes).
      targets: of several targets the name and the outputs of each, which add up to n_out; empty for one.
      hidden: widths of the hidden layers: units, channels of a convolution, or features of an attention block.
      kernel_size: rows and columns of a convolution's kernel.
      blocks: residual blocks of each width.
      head: widths of dense layers between the last features of a network with a body and its output.
      heads: attention heads of a Transformer.
      bidirectional: run a recurrent network from both ends.
      activation: name of the hidden layers' activation.
      batch_norm: normalize before each activation.
      dropout: drop hidden units; the rate itself is state, set by the trainer.
      dropout_scaling: where the scaling by the keep probability is applied.
      kernel, scale, bias: how parameters start; kernel ``"auto"`` follows the activation.
      precision: "float32" or "mixed".
      backbone: family and settings, as JSON, of the network that the model stands on; none without one.
      members: specs of the networks whose outputs the model averages; without any it is one network.
    """

    kind: str
    layout: Layout
    n_out: int
    hidden: tuple[int, ...] = ()
    kernel_size: int = 3
    blocks: int = 1
    head: tuple[int, ...] = ()
    heads: int = 4
    bidirectional: bool = False
    activation: str = "relu"
    batch_norm: bool = False
    dropout: bool = False
    dropout_scaling: Literal["train", "inference"] = "train"
    kernel: str = "auto"
    scale: float | None = None
    bias: float = 0.0
    precision: str = "float32"
    targets: tuple[tuple[str, int], ...] = ()
    backbone: str = ""
    members: "tuple[ModelSpec, ...]" = ()

    def to_json(self) -> dict[str, Any]:
        """Return the spec as JSON; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "ModelSpec":
        """Read a spec from JSON."""
        hidden: tuple[int, ...] = tuple(fields["hidden"])
        head: tuple[int, ...] = tuple(fields.get("head", ()))
        layout = Layout.from_json(fields["layout"])
        targets: tuple[tuple[str, int], ...] = tuple((name, n) for name, n in fields.get("targets", ()))
        # A member is one network: averages of averages are not written, and not read.
        members = tuple(cls.from_json({**one, "members": ()}) for one in fields.get("members", ()))
        whole: dict[str, Any] = {
            **fields,
            "hidden": hidden,
            "head": head,
            "layout": layout,
            "targets": targets,
            "members": members,
        }
        return cls(**whole)

    def initializer(self, activation: str) -> Any:
        """Return the kernel initializer of a layer followed by ``activation``."""
        name = (
            catalog.load("nn.activations", activation).initializer if self.kernel == "auto" else self.kernel
        )
        factory = catalog.load("nn.initializers", name)
        return factory(self.scale) if self.scale is not None and name in ("normal", "uniform") else factory()
