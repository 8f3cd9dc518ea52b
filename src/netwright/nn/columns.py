"""The front of a table's network: columns that hold category codes become learned vectors."""

import jax
import jax.numpy as jnp
from flax import nnx


def embedding_width(levels: int) -> int:
    """Width of the vector for a column of ``levels`` categories: ``min(32, ⌈1.6 · levels^0.56⌉)``.

    The rule of thumb of fastai's tabular learner, capped lower because tables here are small.
    """
    return min(32, -int(-1.6 * levels**0.56 // 1))


class ColumnEmbeddings(nnx.Module):
    """Replaces code columns by embeddings; the other columns pass through.

    Args:
      n_in: number of columns n of the input.
      embeddings: (column, levels) of each code column; code columns are the last ones.
      rngs: NNX random streams.
    """

    def __init__(self, n_in: int, embeddings: tuple[tuple[int, int], ...], *, rngs: nnx.Rngs) -> None:
        self.columns = tuple(column for column, _ in embeddings)
        self.n_plain = n_in - len(embeddings)
        self.tables = nnx.List(
            [nnx.Embed(levels, embedding_width(levels), rngs=rngs) for _, levels in embeddings]
        )
        self.n_out = self.n_plain + sum(embedding_width(levels) for _, levels in embeddings)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, n), codes stored as floats, to (m, n_out)."""
        vectors = [
            table(x[:, column].astype(jnp.int32))
            for column, table in zip(self.columns, self.tables, strict=True)
        ]
        return jnp.concatenate([x[:, : self.n_plain], *vectors], axis=1)
