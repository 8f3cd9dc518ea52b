"""The work of the comparisons on sequences: the training of ``_training`` with steps in front of the channels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks._training import Training


@dataclass(frozen=True)
class SequenceTraining(Training):
    """A comparison on sequences (length, channels); ``widths`` runs from the channels to the classes."""

    length: int = 50

    @cached_property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Sequences X (m, T, C) float32 and classes y (m,) int32 drawn from a linear teacher of their mean."""
        rng = np.random.default_rng(0)
        inputs = rng.standard_normal((self.rows, self.length, self.widths[0]), dtype=np.float32)
        teacher = rng.standard_normal((self.widths[0], self.widths[-1]), dtype=np.float32)
        return inputs, (inputs.mean(axis=1) @ teacher).argmax(axis=1).astype(np.int32)


SEQUENCE_SIDES = {
    "netwright": "netwright:network",
    "netwright mixed": "netwright:mixed",
    "netwright, pure JAX kernels": "netwright:pure",
    "netwright mixed, pure JAX kernels": "netwright:pure_mixed",
    "JAX by hand": "jax:network",
    "PyTorch eager": "pytorch:eager",
    "PyTorch eager, MKL unlocked": "pytorch_unlocked:eager",
    "PyTorch compiled": "pytorch:compiled",
    "PyTorch bf16 autocast": "pytorch:autocast",
    "PyTorch bf16 autocast compiled": "pytorch:autocast_compiled",
    "Keras 3 (JAX)": "keras:network",
}


def recurrent(name: str, kind: str, units: int, batch: int, rows: int) -> SequenceTraining:
    """Return the comparison of one recurrent layer on sequences of 50 steps."""
    return SequenceTraining(
        name=name,
        title=f"{kind.upper()} of {units} units, 50 steps of {units} numbers, batch {batch}, Adam",
        widths=(units, units, 10),
        batch=batch,
        rows=rows,
        sides=SEQUENCE_SIDES,
        kind=kind,
        options={"batch_norm": False, "head": (), "bidirectional": False},
    )
