"""Small networks of every kind, as a user writes them."""

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

import netwright as nw


class Dense(nnx.Module):
    """3 → 5 (tanh, one of netwright's) → 4 (ReLU, a plain function) → n_out."""

    def __init__(self, n_out=3):
        rngs = nnx.Rngs(0)
        self.first = nnx.Linear(3, 5, rngs=rngs)
        self.activation = nw.nn.activations.tanh
        self.second = nnx.Linear(5, 4, rngs=rngs)
        self.last = nnx.Linear(4, n_out, rngs=rngs)

    def __call__(self, x):
        return self.last(nnx.relu(self.second(self.activation(self.first(x)))))


class Convolutional(nnx.Module):
    """Convolution → batch norm → ReLU → pooling → output."""

    def __init__(self):
        rngs = nnx.Rngs(0)
        self.conv = nnx.Conv(1, 3, (3, 3), rngs=rngs)
        self.norm = nnx.BatchNorm(3, rngs=rngs)
        self.output = nnx.Linear(12, 3, rngs=rngs)

    def __call__(self, x):
        a = nnx.avg_pool(nnx.relu(self.norm(self.conv(x))), (2, 2), strides=(2, 2))
        return self.output(a.reshape(len(x), -1))


class Recurrent(nnx.Module):
    """An LSTM whose cell runs inside a scan."""

    def __init__(self):
        rngs = nnx.Rngs(0)
        self.rnn = nnx.RNN(nnx.LSTMCell(2, 4, rngs=rngs), rngs=rngs)
        self.output = nnx.Linear(4, 3, rngs=rngs)

    def __call__(self, x):
        return self.output(self.rnn(x)[:, -1])


class Attending(nnx.Module):
    """Self-attention with a residual connection around a position-wise layer."""

    def __init__(self):
        rngs = nnx.Rngs(0)
        self.attention = nnx.MultiHeadAttention(2, 4, decode=False, rngs=rngs)
        self.wide = nnx.Linear(4, 4, rngs=rngs)
        self.output = nnx.Linear(4, 3, rngs=rngs)

    def __call__(self, x):
        a = self.attention(x)
        return self.output((a + nnx.relu(self.wide(a))).mean(axis=1))


def batch(shape):
    """Eight examples of a shape, and their classes of three."""
    return jax.random.normal(jax.random.key(1), (8, *shape)), jnp.arange(8) % 3


KINDS = {
    "dense": (Dense, (3,)),
    "convolutional": (Convolutional, (4, 4, 1)),
    "recurrent": (Recurrent, (5, 2)),
    "attention": (Attending, (5, 4)),
}


@pytest.fixture(scope="session", params=KINDS)
def network(request):
    """A network of each kind with a batch: (model, x, y)."""
    make, shape = KINDS[request.param]
    return make(), *batch(shape)


@pytest.fixture(scope="session")
def dense():
    """The dense network with its batch."""
    return Dense(), *batch((3,))


@pytest.fixture(scope="session")
def kinds():
    return KINDS


@pytest.fixture(autouse=True)
def lenient():
    """Flax's attention and batch norm mix types and ranks; the suite's strictness is for netwright's own code."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        yield
