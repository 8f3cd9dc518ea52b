"""Kernels in many threads at once, and results that repeat bit for bit."""

from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np

from netwright.nn.kernels import native


def slopes(x, w, u):
    """A convolution, a pooling and an LSTM in one program, with its derivatives."""

    def cost(x, w, u):
        y = native.max_pool(native.conv2d(x, w, None, (1, 1), "SAME", "float32"), 2, "float32")
        h = native.lstm(y.reshape(len(x), 4, -1), u, u, jnp.zeros(256), None, "mixed")
        return jnp.mean(h**2)

    return jax.grad(cost, (0, 1, 2))(x, w, u)


def arrays(seed):
    generator = np.random.default_rng(seed)
    shapes = [(16, 8, 8, 3), (3, 3, 3, 16), (64, 256)]
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def as_bytes(arrays):
    return [np.asarray(a).tobytes() for a in arrays]


def test_repeats_bit_for_bit():
    program = jax.jit(slopes)
    first = as_bytes(program(*arrays(0)))
    for _ in range(20):
        assert as_bytes(program(*arrays(0))) == first


def test_many_threads():
    program = jax.jit(slopes)
    wanted = [as_bytes(program(*arrays(seed))) for seed in range(8)]
    with ThreadPoolExecutor(6) as threads:
        for _ in range(3):
            found = list(threads.map(lambda seed: as_bytes(program(*arrays(seed))), range(8)))
            assert found == wanted
