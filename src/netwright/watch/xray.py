"""The x-ray: one batch through a network and back, layer by layer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.typing import ArrayLike

from netwright.core import catalog
from netwright.core.errors import ControlError, DataError
from netwright.losses import cost as mean_loss
from netwright.nn._activation import Activation
from netwright.nn.skeleton import name_of
from netwright.optim.kernels import is_kernel
from netwright.watch.capture import Call, capture, owners_of
from netwright.watch.dissect import Dissection, dissect

COLUMNS = ("layer", "z", "kernel", "z mean", "z std", "a mean", "a std", "|dA|", "|dZ|", "|dW|", "|db|")


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of an x-ray: a module with parameters of its own, in one call.

    What runs within an inner trace (the cell of an ``nnx.RNN``) belongs to the module around it. With
    X (m, n_in) a dense layer has z (m, n_out), and ``z = inputs W + b``, ``a = g(z)``, ``dZ = dA ⊙ g′(z)``,
    ``dW = inputsᵀ dZ``, ``db = Σᵢ dZᵢ``, ``dInputs = dZ Wᵀ``.

    Attributes:
      name: the module's path in the model.
      inputs: what it received; z: what it returned; a: the activation of z, z itself if there is none.
      dA, dZ, dInputs: ∂J/∂a, ∂J/∂z and ∂J/∂inputs; the last is 0 for whole numbers.
      parameters, gradients: its parameters and ∂J/∂ each of them, by their names within the layer.
      activation: g, when it is one of netwright's; a plain function is not known.
    """

    name: str
    inputs: jax.Array
    z: jax.Array
    a: jax.Array
    dA: jax.Array
    dZ: jax.Array
    dInputs: jax.Array
    parameters: dict[str, jax.Array]
    gradients: dict[str, jax.Array]
    activation: Activation | None = field(default=None)

    @property
    def W(self) -> jax.Array | None:
        """The kernel; None when the layer has none, or several."""
        return _only(self.parameters, self.parameters, kernels=True)

    @property
    def b(self) -> jax.Array | None:
        """The bias; None when the layer has none, or several."""
        return _only(self.parameters, self.parameters, kernels=False)

    @property
    def dW(self) -> jax.Array | None:
        """∂J/∂W of the kernel; None when the layer has none, or several: see ``gradients``."""
        return _only(self.parameters, self.gradients, kernels=True)

    @property
    def db(self) -> jax.Array | None:
        """∂J/∂b of the bias; None when the layer has none, or several: see ``gradients``."""
        return _only(self.parameters, self.gradients, kernels=False)


@dataclass(frozen=True, eq=False)
class Xray:
    """What one batch does in a network; prints as a table.

    Attributes:
      layers: in forward order; a layer called twice stands there twice.
      prediction: what the network predicts, of the shape of its outputs: probabilities for the losses bce and
        cce, the outputs themselves otherwise.
      cost: J, the (weighted) mean loss of the batch.
    """

    layers: tuple[Layer, ...]
    prediction: jax.Array
    cost: float

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A dictionary a layer: name, shapes, mean and standard deviation of z and a, norms of the slopes."""
        return [dict(zip(COLUMNS, _row(layer), strict=True)) for layer in self.layers]

    def to_json(self) -> dict[str, Any]:
        """Return cost, prediction and the rows of the table as JSON values."""
        return {"cost": self.cost, "prediction": np.asarray(self.prediction).tolist(), "layers": self.rows}

    def __str__(self) -> str:
        lines = [list(COLUMNS), *(list(words(row).values()) for row in self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
        padded = (
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
        )
        return "\n".join([*(line.rstrip() for line in padded), f"cost {self.cost:.6g}"])

    __repr__ = __str__


def words(row: dict[str, Any]) -> dict[str, str]:
    """Return a row of an x-ray's table in words: shapes as 3×4, numbers with three digits."""

    def word(value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        return "×".join(map(str, value)) if isinstance(value, tuple) else f"{value:.3g}"

    return {name: word(value) for name, value in row.items()}


def xray(
    model: Any,
    X: ArrayLike | Any = "train",
    y: ArrayLike | Any = None,
    *,
    loss: str | Callable[..., jax.Array] | None = None,
    weights: ArrayLike | None = None,
) -> Xray:
    """Send one batch through a network and its error back, and return what every layer did.

    Every gradient comes from one reverse pass of automatic differentiation. The module runs in the mode it is in
    (``model.eval()`` turns dropout off) and stays as it is.

    Args:
      model: a Flax NNX module; or a :class:`netwright.Run`, which encodes raw X and y with its encoders and has
        its own loss, in evaluation mode: see :func:`netwright.train.xray.xray`.
      X: the batch, (m, …).
      y: the targets, (m,) or of the outputs' shape.
      loss: a name of :mod:`netwright.losses` or a function (outputs, targets) → (m,). By default whole numbers or
        booleans are classes (bce for one output, cce for several), and other numbers are values (mse).
      weights: (m,) weight of each row in the cost.

    Raises:
      ControlError: the model is neither a module nor a run.
      DataError: X and y do not belong together, or the loss has no value for each row.
    """
    if not isinstance(model, nnx.Module):
        if not hasattr(model, "xray"):
            raise ControlError(f"xray: found {type(model).__name__}, expected a Flax NNX module or a run")
        return model.xray(X, y, **{k: v for k, v in (("loss", loss), ("weights", weights)) if v is not None})
    if isinstance(X, str) or y is None:
        raise DataError("xray: a module needs X and y, a batch of arrays; only a run knows its own rows")
    x, y = jnp.asarray(X), jnp.asarray(y)
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)
    weights = jnp.ones(len(x)) if weights is None else jnp.asarray(weights)

    def run(params: Any) -> tuple[list[Call], jax.Array]:
        part: Any = nnx.merge(graphdef, params, rest, copy=True)
        with capture(part) as record:
            outputs = part(x)
        return record.calls, outputs

    def cost(outputs: jax.Array) -> tuple[jax.Array, None]:
        return mean_loss(_loss(loss, y, outputs)[1], outputs, y, weights), None

    found = dissect(run, cost, params)
    return _xray(found, params, _loss(loss, y, found.outputs)[0], y, weights / weights.sum())


def _loss(loss: Any, y: jax.Array, outputs: Any) -> tuple[str, Callable[..., jax.Array]]:
    """Return the loss's name ("" for a function) and (outputs, y) → (m,), which takes a column (m, 1) for y (m,)."""
    if not hasattr(outputs, "ndim"):
        raise DataError(f"xray: the model returned {type(outputs).__name__}, expected one array of outputs")
    if loss is None:
        counted = jnp.issubdtype(y.dtype, jnp.integer) or y.dtype == bool
        single = outputs.ndim == 1 or outputs.shape[-1] == 1
        loss = ("bce" if single else "cce") if counted else "mse"
    function = catalog.load("losses", loss) if isinstance(loss, str) else loss
    column = loss != "cce" and outputs.ndim == y.ndim + 1 and outputs.shape[-1] == 1

    def per_row(outputs: jax.Array, y: jax.Array) -> jax.Array:
        y = y.astype(outputs.dtype) if loss == "bce" else y
        values = function(outputs[..., 0] if column else outputs, y)
        if values.shape != y.shape[:1]:
            raise DataError(
                f"xray: the loss gave {values.shape} for {len(y)} rows, expected one number a row"
            )
        return values

    return loss if isinstance(loss, str) else "", per_row


def _xray(found: Dissection, params: Any, loss: str, y: jax.Array, share: jax.Array) -> Xray:
    outputs = found.outputs
    prediction = {"bce": jax.nn.sigmoid, "cce": jax.nn.softmax}.get(loss, lambda z: z)(outputs)
    values, gradients = _flat(params), _flat(found.gradients)
    owner = {name: call.path for name, call in owners_of(values, found.calls).items()}
    whole = zip(found.calls, found.slopes, strict=True)
    calls = [
        (call, *at) for call, at in whole if call.activation is None and call.path in set(owner.values())
    ]
    layers: list[Layer] = []
    for call, dInputs, dZ, dA in calls:
        a = call.a
        if call is calls[-1][0] and a is call.output and a.size == outputs.size:
            a = prediction.reshape(a.shape)
            dA = _prediction_slope(loss, outputs, y, share, dZ.reshape(outputs.shape)).reshape(a.shape)
        names = {
            name: name.removeprefix(f"{call.path}.") for name, path in owner.items() if path == call.path
        }
        layer = Layer(
            name=call.path or "model",
            inputs=call.inputs,
            z=call.output,
            a=a,
            dA=dA,
            dZ=dZ,
            dInputs=dInputs,
            parameters={inner: values[name] for name, inner in names.items()},
            gradients={inner: gradients[name] for name, inner in names.items()},
            activation=call.g,
        )
        layers.append(layer)
    return Xray(tuple(layers), prediction, float(found.cost))


def _prediction_slope(loss: str, z: jax.Array, y: jax.Array, share: jax.Array, slope: jax.Array) -> jax.Array:
    """Return ∂J/∂ŷ for ŷ = σ(z) or softmax(z), in closed form: the cost itself is computed from the logits.

    bce: −y/ŷ + (1 − y)/(1 − ŷ); cce: −y/ŷ, as if the ŷ were free; each times the row's share of the mean.
    """
    if loss == "bce":
        y = y.reshape(z.shape).astype(z.dtype)
        rises = jnp.where(y < 1, (1 - y) / jax.nn.sigmoid(-z), 0)
        falls = jnp.where(y > 0, y / jax.nn.sigmoid(z), 0)
        per_row = z.size // len(z)
        return (rises - falls) * share.reshape(-1, *[1] * (z.ndim - 1)) / per_row
    if loss == "cce":
        hot = jax.nn.one_hot(y, z.shape[-1]) if y.ndim == 1 else y
        return -jnp.where(hot > 0, hot * jnp.exp(-jax.nn.log_softmax(z)), 0) * share[:, None]
    return slope


def _only(of: dict[str, jax.Array], values: dict[str, jax.Array], *, kernels: bool) -> jax.Array | None:
    wanted = [name for name, a in of.items() if (is_kernel(name, a) if kernels else _is_bias(name))]
    return values[wanted[0]] if len(wanted) == 1 else None


def _is_bias(name: str) -> bool:
    return name.rpartition(".")[2] in ("bias", "b", "beta")


def _flat(state: Any) -> dict[str, jax.Array]:
    return {name_of(path): variable.get_value() for path, variable in nnx.to_flat_state(state)}


def _row(layer: Layer) -> list[Any]:
    shapes = [tuple(layer.z.shape), None if layer.W is None else tuple(layer.W.shape)]
    moments = [float(f(values)) for values in (layer.z, layer.a) for f in (jnp.mean, jnp.std)]
    slopes = (layer.dA, layer.dZ, layer.dW, layer.db)
    return [
        layer.name,
        *shapes,
        *moments,
        *(None if d is None else float(jnp.linalg.norm(d)) for d in slopes),
    ]
