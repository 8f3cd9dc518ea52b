import jax
import numpy as np

import netwright as nw
from netwright.data.arrays import shared_empty


def test_encoded_rows_lie_on_the_device_without_a_copy():
    """A table of gigabytes must not stand twice in memory."""
    rows = shared_empty((1000, 7))
    assert rows.shape == (1000, 7)
    assert jax.device_put(rows).unsafe_buffer_pointer() == rows.ctypes.data
    for name in ("digits", "adult"):
        encoded = nw.example(name).prepare(nw.DataControls(), embeddings=True).train.x
        assert encoded.dtype == np.float32
        assert encoded.ctypes.data % 64 == 0
