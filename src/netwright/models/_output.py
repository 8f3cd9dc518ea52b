"""The last layer of every model."""

from flax import nnx

from netwright.models._spec import ModelSpec
from netwright.nn.dense import dense


def output_layer(n_in: int, spec: ModelSpec, rngs: nnx.Rngs) -> nnx.Linear:
    """Return the dense layer from ``n_in`` features to the model's outputs, which no activation follows."""
    return dense(
        n_in,
        spec.n_out,
        kernel=spec.initializer("linear"),
        bias=spec.bias,
        precision=spec.precision,
        rngs=rngs,
    )
