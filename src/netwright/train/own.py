"""Parts a user brings instead of naming them, checked before anything is compiled."""

from dataclasses import dataclass
from typing import Any

import jax
import optax
from flax import nnx

from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.data.arrays import Arrays as Rows
from netwright.nn.skeleton import Arrays
from netwright.train.objective import losses_of, outputs_of
from netwright.train.plan import Hyper, Plan


@dataclass(frozen=True)
class Own:
    """A user's module, Optax transformation and loss function."""

    model: nnx.Module | None = None
    rule: optax.GradientTransformation | None = None
    loss: Any = None

    def __post_init__(self) -> None:
        parts: list[tuple[str, Any, type]] = [
            ("model", self.model, nnx.Module),
            ("rule", self.rule, optax.GradientTransformation),
        ]
        for name, part, kind in parts:
            if part is not None and not isinstance(part, kind):
                raise ControlError(
                    f"{name}=: found {type(part).__name__}, expected an instance of {kind.__name__}"
                )
        if self.loss is not None and not callable(self.loss):
            raise ControlError(
                f"loss=: found {self.loss!r}, expected a function; a name goes into the controls' loss"
            )

    def controls(self, controls: Controls) -> Controls:
        """Return the controls that name these parts "custom".

        Raises:
          ControlError: the controls name a rule or a loss beside them.
        """
        if self.model is not None and controls.architecture.backbone is not None:
            raise ControlError(
                f"architecture.backbone: found '{controls.architecture.backbone}' and model=; give one of them"
            )
        said = {"rule": controls.optimization.rule, "loss": controls.loss}
        for name, part in (("rule", self.rule), ("loss", self.loss)):
            if said[name] == "custom" and part is None:
                raise ControlError(f"{name}: the controls say 'custom'; pass your own as {name}=")
        if self.rule is not None:
            if controls.optimization.rule not in ("auto", "custom"):
                raise ControlError(
                    f"optimization.rule: found '{controls.optimization.rule}' and rule=; give one of them"
                )
            rate = controls.optimization.learning_rate
            # The rule has its own rate: the controls' rate only scales weight decay and the proximal step.
            own_rate = {"learning_rate": 1.0 if rate == "auto" else rate, "schedule": "constant"}
            controls = controls.replace(optimization=controls.optimization.replace(rule="custom", **own_rate))
        if self.loss is not None:
            if controls.loss not in ("auto", "custom"):
                raise ControlError(
                    f"loss: found '{controls.loss}' in the controls and loss=; give one of them"
                )
            controls = controls.replace(loss="custom")
        return controls


def check_shapes(plan: Plan, hyper: Hyper, weights: tuple[Arrays, Arrays], rows: Rows, n_out: int) -> None:
    """Trace one batch; a wrong shape would broadcast, or index beyond the classes, without a word.

    Raises:
      ControlError: the module's outputs are not (m, n_out), or the loss is not one number a row.
    """
    m, x = plan.batch_size, rows.x
    allowed = [(m, n_out)] if plan.task in ("multiclass", "multitask") else [(m, n_out), (m,)]

    def run(params: Arrays, rest: Arrays, x: jax.Array, y: jax.Array) -> None:
        model: Any = plan.skeleton.merge(params, rest)
        outputs = model(x)
        shape = getattr(outputs, "shape", type(outputs).__name__)
        if shape not in allowed:
            raise ControlError(f"model: gave {shape} for a batch of {m} rows, expected {allowed[0]}")
        losses = losses_of(plan, hyper, outputs_of(plan, model, x), y)
        if not plan.goals and losses.shape != (m,):
            raise ControlError(
                f"loss: gave {losses.shape} for a batch of {m} rows, expected one number a row ({m},)"
            )

    batch = [jax.ShapeDtypeStruct((m, *a.shape[1:]), a.dtype) for a in (x, rows.y)]
    try:
        jax.eval_shape(run, *weights, *batch)
    except TypeError as error:
        text = str(error).splitlines()[0]
        raise ControlError(f"model: cannot take a batch of shape {batch[0].shape}: {text}") from error
