"""The work of the training comparisons: shuffled mini-batches of one network or of a population."""

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from benchmarks._harness import compare

WARM_UP_EPOCHS = 2


class Learner(NamedTuple):
    """What a side builds: a training that goes on, and the probabilities that it gives the training rows."""

    train: Callable[[int], float]  # epochs -> seconds
    probabilities: Callable[
        [], np.ndarray
    ]  # (m, K), (m,) for one logit; with the members in front in a population


@dataclass(frozen=True)
class Training:
    """One comparison: the same arithmetic type, rule, number of steps and shuffle every epoch on all sides.

    ``widths`` runs from the features to the outputs; one output is a logit with binary cross-entropy, more
    are a softmax with categorical cross-entropy. The last, smaller batch of an epoch is trained on, too.
    """

    name: str
    title: str
    widths: tuple[int, ...]
    batch: int
    rows: int
    sides: Mapping[str, str]  # name -> "module:function" in benchmarks.sides
    rule: str = "adam"
    learning_rate: float = 1e-3
    members: int = 1
    kind: str = "mlp"
    options: Mapping[str, Any] = field(default_factory=dict)  # of the architecture, by netwright's names

    @property
    def steps(self) -> int:
        """Steps in an epoch."""
        return -(-self.rows // self.batch)

    @property
    def binary(self) -> bool:
        return self.widths[-1] == 1

    @cached_property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows X (m, d) float32 and classes y (m,) int32 drawn from a linear teacher with noise."""
        rng = np.random.default_rng(0)
        inputs = rng.standard_normal((self.rows, self.widths[0]), dtype=np.float32)
        teacher = rng.standard_normal((self.widths[0], self.widths[-1]), dtype=np.float32)
        scores = inputs @ (teacher / np.float32(self.widths[0] ** 0.5))
        scores += 0.3 * rng.standard_normal(scores.shape, dtype=np.float32)
        labels = scores[:, 0] > 0 if self.binary else scores.argmax(axis=1)
        return inputs, labels.astype(np.int32)

    def log_loss(self, probabilities: np.ndarray) -> float:
        """The mean negative log-likelihood of the training rows: the sides should learn alike."""
        _, labels = self.data
        if self.binary:
            given = np.where(labels == 1, probabilities, 1 - probabilities)
        else:
            given = probabilities[..., np.arange(self.rows), labels]
        return float(-np.log(np.maximum(given, 1e-12)).mean())

    def open_side(self, side: str) -> Callable[..., dict[str, Any]]:
        """Build a side in this process; its answers are what the harness asks for."""
        module, _, function = self.sides[side].partition(":")
        learner: Learner = getattr(import_module(f"benchmarks.sides.{module}"), function)(self)

        def answer(epochs: int | None) -> dict[str, Any]:
            if epochs is not None:
                return {"seconds": learner.train(epochs)}
            start = time.perf_counter()
            learner.train(WARM_UP_EPOCHS)
            return {
                "warm_up_seconds": round(time.perf_counter() - start, 2),
                "log_loss": self.log_loss(learner.probabilities()),
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
            }

        return answer

    def main(self) -> None:
        compare(self.name, self.title, self.steps, list(self.sides))


def timed(epoch: Callable[[], object], finish: Callable[[], object] = lambda: None) -> Callable[[int], float]:
    """Return epochs -> seconds of one epoch's function; ``finish`` waits for what it left running."""

    def train(epochs: int) -> float:
        start = time.perf_counter()
        for _ in range(epochs):
            epoch()
        finish()
        return time.perf_counter() - start

    return train


NETWORK_SIDES = {
    "netwright": "netwright:network",
    "JAX by hand": "jax:network",
    "PyTorch eager": "pytorch:eager",
    "PyTorch eager, MKL unlocked": "pytorch_unlocked:eager",
    "PyTorch compiled": "pytorch:compiled",
    "PyTorch compiled, MKL unlocked": "pytorch_unlocked:compiled",
    "PyTorch whole step compiled, MKL unlocked": "pytorch_unlocked:compiled_step",
    "Keras 3 (JAX)": "keras:network",
    "scikit-learn": "sklearn:network",
}

# bf16 matrix products with float32 weights, offered where they can pay.
MIXED_SIDES = {
    "netwright mixed": "netwright:mixed",
    "PyTorch bf16 autocast": "pytorch:autocast",
    "PyTorch bf16 autocast compiled": "pytorch:autocast_compiled",
}

LOGISTIC_SIDES = NETWORK_SIDES | {"scikit-learn SGDClassifier, batch 1": "sklearn:per_example"}

POPULATION_SIDES = {
    "netwright": "netwright:population",
    "netwright, one shuffle for all": "netwright:population_shared",
    "JAX by hand (vmap)": "jax:population",
    "PyTorch bmm": "pytorch:population",
    "PyTorch bmm, MKL unlocked": "pytorch_unlocked:population",
    "PyTorch bmm, whole step compiled, MKL unlocked": "pytorch_unlocked:population_compiled",
    "PyTorch bmm, one shuffle for all, MKL unlocked": "pytorch_unlocked:population_shared",
    "PyTorch one after another": "pytorch:serial",
}
