"""Feeds: how rows reach the device. Resident when they fit, streamed in prefetched chunks when they do not.

Both give the step the same batches, so a streamed training is bit for bit the resident one.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh

from netwright.core.memory import host_memory
from netwright.data.arrays import Arrays
from netwright.train.mesh import put
from netwright.train.order import Visits
from netwright.train.state import Data


class Chunk(NamedTuple):
    """Steps to take: rows, the order to visit them in, the first step within the order and their number."""

    data: Data
    order: jax.Array
    first: int
    steps: int


class Feed(ABC):
    """Where training rows come from.

    Attributes:
      visits: which rows an epoch visits, and in which order.
      rows: visited in an epoch, by each member; steps_per_epoch: in how many steps.
    """

    def __init__(self, visits: Visits, mesh: Mesh | None) -> None:
        self.visits, self.rows, self.steps_per_epoch = visits, visits.rows, visits.steps_per_epoch
        self.mesh = mesh

    @abstractmethod
    def epoch(self, epoch: int, first_step: int) -> Iterator[Chunk]:
        """Yield the chunks of an epoch from ``first_step`` on."""

    def prepare(self, epoch: int) -> None:
        """Work ahead on an epoch while the device is busy."""
        del epoch  # streaming works ahead by itself


class Resident(Feed):
    """All rows on the device; an epoch is one chunk and only the order travels."""

    def __init__(self, data: Data, visits: Visits, mesh: Mesh | None) -> None:
        super().__init__(visits, mesh)
        self.data = data
        self._prepared: tuple[int, jax.Array] | None = None

    def epoch(self, epoch: int, first_step: int) -> Iterator[Chunk]:
        """Yield one chunk; while the device works on it, prepare the next epoch's order."""
        if self._prepared is None or self._prepared[0] != epoch:
            self.prepare(epoch)
        assert self._prepared is not None
        yield Chunk(self.data, self._prepared[1], first_step, self.steps_per_epoch - first_step)

    def prepare(self, epoch: int) -> None:
        """Make the order of an epoch ahead of time."""
        self._prepared = (epoch, put(self.visits.order(epoch), self.mesh))


class Streamed(Feed):
    """Rows stay in host memory; chunks of them are gathered by Grain's threads ahead of the device.

    Args:
      arrays: the rows in host memory.
      visits: which of them, and when.
      chunk_bytes: size of one chunk; two are prefetched.
    """

    def __init__(self, arrays: Arrays, visits: Visits, mesh: Mesh | None, chunk_bytes: int) -> None:
        super().__init__(visits, mesh)
        self.arrays = arrays
        own_rows = visits.chosen is not None or not isinstance(visits.seeds, int)
        copies = len(self._order(0)) if own_rows else 1
        batch_bytes = max(1, arrays.x.nbytes // len(arrays)) * visits.batch_size * copies
        self.chunk_steps = int(np.clip(chunk_bytes // batch_bytes, 1, self.steps_per_epoch))

    def epoch(self, epoch: int, first_step: int) -> Iterator[Chunk]:
        """Yield prefetched chunks of ``chunk_steps`` steps."""
        import grain  # 0.3 s of imports that only data beyond the device's memory need

        order, batch_size = self._order(epoch), self.visits.batch_size
        source: Any = _ChunkSource(
            self.arrays, order[..., first_step * batch_size :], self.chunk_steps * batch_size
        )
        options = grain.ReadOptions(num_threads=2, prefetch_buffer_size=2)
        for x, y, weight, rows in grain.MapDataset.source(source).to_iter_dataset(options):
            steps = int(np.count_nonzero(np.atleast_2d(rows)[0, ::batch_size] >= 0))
            *data, rows = put((x, y, weight, rows), self.mesh)
            yield Chunk(Data(*data), rows, 0, steps)

    def _order(self, epoch: int) -> np.ndarray:
        return np.asarray(self.visits.order(epoch))


class _ChunkSource:
    """Random access to gathered chunks, as Grain wants its sources; every chunk has the same shape.

    Members of a population with rows of their own have them gathered one member after the other.
    """

    def __init__(self, arrays: Arrays, order: np.ndarray, chunk_rows: int) -> None:
        self.arrays, self.order, self.chunk_rows = arrays, order, chunk_rows

    def __len__(self) -> int:
        return -(-self.order.shape[-1] // self.chunk_rows)

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        order = self.order[..., i * self.chunk_rows : (i + 1) * self.chunk_rows]
        missing = [(0, 0)] * (order.ndim - 1) + [(0, self.chunk_rows - order.shape[-1])]
        order = np.pad(order, missing, constant_values=-1)
        index = np.maximum(order, 0)
        rows = np.where(order >= 0, np.arange(order.size, dtype=np.int32).reshape(order.shape), np.int32(-1))
        weight = self.arrays.weight
        if weight.ndim == 2 and order.ndim == 2:
            weight = np.take_along_axis(weight, index, axis=1).ravel()
        else:
            weight = weight[..., index.ravel()]
        return self.arrays.x[index.ravel()], self.arrays.y[index.ravel()], weight, rows


STREAM_CHUNK_BYTES = 64 * 2**20


def feed_of(arrays: Arrays, visits: Visits, budget: int, mesh: Mesh | None = None) -> Feed:
    """Return the feed of rows: resident when they fit into ``budget`` bytes, else streamed, with the same result."""
    if arrays.x.nbytes <= budget:
        return Resident(on_device(arrays, mesh), visits, mesh)
    return Streamed(arrays, visits, mesh, min(STREAM_CHUNK_BYTES, budget // 4))


def on_device(arrays: Arrays, mesh: Mesh | None = None) -> Data:
    """Put rows on the device, or on each device of the mesh."""
    weight = None if np.all(arrays.weight == 1) else arrays.weight
    return Data(*put((arrays.x, arrays.y, weight), mesh))


class Rows:
    """Rows to judge: on the device all at once when they fit into ``budget`` bytes, else block by block.

    Blocks have ``block`` rows, as in a pass over resident rows, so that both give the same sums, bit for bit.
    """

    def __init__(self, arrays: Arrays, budget: int, block: int, mesh: Mesh | None = None) -> None:
        self.arrays, self.block, self.mesh = arrays, block, mesh
        fits = arrays.x.nbytes <= budget or len(arrays) <= self.block
        self._resident = on_device(arrays, mesh) if fits else None

    def blocks(self) -> Iterator[Data]:
        """Yield blocks of one shape; the last one is moved back to end with the data, and rows counted weigh 0."""
        if self._resident is not None:
            yield self._resident
            return
        rows = len(self.arrays)
        for begin in range(0, rows, self.block):
            start = min(begin, rows - self.block)
            part = slice(start, start + self.block)
            fresh = np.arange(start, start + self.block) >= begin
            weight = np.where(fresh, self.arrays.weight[part], np.float32(0))
            yield on_device(Arrays(self.arrays.x[part], self.arrays.y[part], weight), self.mesh)


def device_budget() -> int:
    """Return how many bytes of rows may live on the device: half of its memory, or of the machine's on a CPU."""
    statistics = jax.local_devices()[0].memory_stats() or {}
    return int(statistics.get("bytes_limit") or host_memory()) // 2
