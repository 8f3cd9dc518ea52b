"""Feeds: how rows reach the device. Resident when they fit, streamed in prefetched chunks when they do not.

Both give the step the same batches, so a streamed training is bit for bit the resident one.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from netwright.core.memory import host_memory
from netwright.data.arrays import Arrays
from netwright.train.order import epoch_order, epoch_orders
from netwright.train.state import Data


class Chunk(NamedTuple):
    """Steps to take: rows, the order to visit them in, the first step within the order and their number."""

    data: Data
    order: jax.Array
    first: int
    steps: int


class Feed(Protocol):
    """Where training rows come from.

    Attributes:
      rows: visited in an epoch, by each member; steps_per_epoch: in how many steps.
    """

    rows: int
    steps_per_epoch: int

    def epoch(self, epoch: int, first_step: int) -> Iterator[Chunk]:
        """Yield the chunks of an epoch from ``first_step`` on."""
        ...

    def prepare(self, epoch: int) -> None:
        """Work ahead on an epoch while the device is busy."""
        ...

    def places(self, epoch: int, step: int) -> np.ndarray:
        """Return the places, within the training rows, of the rows of one batch; padding is the place 0."""
        ...


class Resident:
    """All rows on the device; an epoch is one chunk and only the order travels.

    Args:
      data: the rows.
      seeds: the seed of the order, or one for every member of a population.
      batch_size: rows of a batch.
      shuffle: a new order each epoch.
      rows: (members, n) numbers of the rows that each member visits; by default all.
    """

    def __init__(
        self,
        data: Data,
        seeds: int | list[int],
        batch_size: int,
        *,
        shuffle: bool,
        rows: np.ndarray | None = None,
    ) -> None:
        self.data, self.seeds, self.batch_size, self.shuffle = data, seeds, batch_size, shuffle
        self.chosen = None if rows is None else jax.device_put(rows.astype(np.int32))
        self.rows = data.x.shape[0] if rows is None else rows.shape[1]
        self.steps_per_epoch = -(-self.rows // batch_size)
        self._prepared: tuple[int, jax.Array] | None = None

    def epoch(self, epoch: int, first_step: int) -> Iterator[Chunk]:
        """Yield one chunk; while the device works on it, prepare the next epoch's order."""
        if self._prepared is None or self._prepared[0] != epoch:
            self._prepared = (epoch, self._order(epoch))
        order = self._prepared[1]
        yield Chunk(self.data, order, first_step, self.steps_per_epoch - first_step)

    def prepare(self, epoch: int) -> None:
        """Make the order of an epoch ahead of time."""
        self._prepared = (epoch, self._order(epoch))

    def places(self, epoch: int, step: int) -> np.ndarray:
        """Return the places of one batch; not for a population."""
        return _batch_of(self._order(epoch), step, self.batch_size)

    def _order(self, epoch: int) -> jax.Array:
        make: Any = epoch_order if isinstance(self.seeds, int) else epoch_orders
        order = make(self.seeds, epoch, self.rows, self.batch_size, shuffle=self.shuffle)
        return order if self.chosen is None else _chosen(self.chosen, order)


@jax.jit
def _chosen(rows: jax.Array, order: jax.Array) -> jax.Array:
    """Turn places within each member's rows into row numbers; padding stays."""
    order = jnp.broadcast_to(order, (rows.shape[0], order.shape[-1]))
    return jnp.where(order >= 0, jnp.take_along_axis(rows, jnp.maximum(order, 0), axis=1), -1)


class Streamed:
    """Rows stay in host memory; chunks of them are gathered by Grain's threads ahead of the device.

    Args:
      arrays: the rows in host memory.
      seed, batch_size, shuffle: as for :class:`Resident`.
      chunk_bytes: size of one chunk; two are prefetched.
    """

    def __init__(
        self, arrays: Arrays, seed: int, batch_size: int, *, shuffle: bool, chunk_bytes: int
    ) -> None:
        self.arrays, self.seed, self.batch_size, self.shuffle = arrays, seed, batch_size, shuffle
        self.rows = len(arrays)
        self.steps_per_epoch = -(-self.rows // batch_size)
        batch_bytes = max(1, arrays.x.nbytes // self.rows) * batch_size
        self.chunk_steps = int(np.clip(chunk_bytes // batch_bytes, 1, self.steps_per_epoch))

    def epoch(self, epoch: int, first_step: int) -> Iterator[Chunk]:
        """Yield prefetched chunks of ``chunk_steps`` steps."""
        import grain  # 0.3 s of imports that only data beyond the device's memory need

        order = np.asarray(
            epoch_order(self.seed, epoch, len(self.arrays), self.batch_size, shuffle=self.shuffle)
        )
        source: Any = _ChunkSource(self.arrays, order, first_step, self.chunk_steps, self.batch_size)
        options = grain.ReadOptions(num_threads=2, prefetch_buffer_size=2)
        for x, y, weight, rows in grain.MapDataset.source(source).to_iter_dataset(options):
            steps = int(np.count_nonzero(rows.reshape(-1, self.batch_size)[:, 0] >= 0))
            yield Chunk(
                Data(jax.device_put(x), jax.device_put(y), jax.device_put(weight)),
                jax.device_put(rows),
                0,
                steps,
            )

    def prepare(self, epoch: int) -> None:
        """Nothing to prepare: Grain works ahead by itself."""

    def places(self, epoch: int, step: int) -> np.ndarray:
        """Return the places of one batch."""
        rows = len(self.arrays)
        order = epoch_order(self.seed, epoch, rows, self.batch_size, shuffle=self.shuffle)
        return _batch_of(order, step, self.batch_size)


def _batch_of(order: jax.Array, step: int, batch_size: int) -> np.ndarray:
    return np.maximum(np.asarray(order)[step * batch_size : (step + 1) * batch_size], 0)


class _ChunkSource:
    """Random access to gathered chunks, as Grain wants its sources; every chunk has the same shape."""

    def __init__(
        self, arrays: Arrays, order: np.ndarray, first_step: int, steps: int, batch_size: int
    ) -> None:
        self.arrays, self.order = arrays, order[first_step * batch_size :]
        self.chunk_rows = steps * batch_size

    def __len__(self) -> int:
        return -(-len(self.order) // self.chunk_rows)

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        order = self.order[i * self.chunk_rows : (i + 1) * self.chunk_rows]
        order = np.pad(order, (0, self.chunk_rows - len(order)), constant_values=-1)
        index = np.maximum(order, 0)
        rows = np.where(order >= 0, np.arange(self.chunk_rows, dtype=np.int32), np.int32(-1))
        return self.arrays.x[index], self.arrays.y[index], self.arrays.weight[index], rows


def on_device(arrays: Arrays) -> Data:
    """Put rows on the device."""
    weight = None if np.all(arrays.weight == 1) else jax.device_put(arrays.weight)
    return Data(jax.device_put(arrays.x), jax.device_put(arrays.y), weight)


BLOCK_ROWS = 8192
"""Rows judged in one forward pass."""


class Rows:
    """Rows to judge: on the device all at once when they fit into ``budget`` bytes, else block by block.

    The blocks are those that a pass over resident rows makes, so that both give the same sums, bit for bit.
    """

    def __init__(self, arrays: Arrays, budget: int) -> None:
        self.arrays = arrays
        fits = arrays.x.nbytes <= budget or len(arrays) <= BLOCK_ROWS
        self._resident = on_device(arrays) if fits else None

    def blocks(self) -> Iterator[Data]:
        """Yield blocks of one shape; the last one is moved back to end with the data, and rows counted weigh 0."""
        if self._resident is not None:
            yield self._resident
            return
        rows = len(self.arrays)
        for begin in range(0, rows, BLOCK_ROWS):
            start = min(begin, rows - BLOCK_ROWS)
            part = slice(start, start + BLOCK_ROWS)
            fresh = np.arange(start, start + BLOCK_ROWS) >= begin
            weight = np.where(fresh, self.arrays.weight[part], np.float32(0))
            yield on_device(Arrays(self.arrays.x[part], self.arrays.y[part], weight))


def device_budget() -> int:
    """Return how many bytes of rows may live on the device: half of its memory, or of the machine's on a CPU."""
    statistics = jax.local_devices()[0].memory_stats() or {}
    return int(statistics.get("bytes_limit") or host_memory()) // 2
