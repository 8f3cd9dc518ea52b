"""Prediction: features in, outputs, probabilities and labels out, in bounded memory."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.core.errors import ControlError
from netwright.data.encoded import Encoded
from netwright.data.encoder import Encoder
from netwright.data.prepared import Prepared
from netwright.data.target_encoder import TargetEncoder
from netwright.data.targets_encoder import TargetsEncoder
from netwright.nn.skeleton import Arrays, Skeleton
from netwright.train.block import LEAST_BLOCK, block_rows
from netwright.train.goals import LOSS_OF_TASK
from netwright.train.objective import one_column
from netwright.train.plan import Plan

PIECE = 2**22
"""Numbers that are encoded at once."""


@dataclass(frozen=True)
class Predictor:
    """A trained model with the encoders that feed it; ``temperature`` divides the logits of probabilities."""

    skeleton: Skeleton
    params: Arrays
    rest: Arrays
    encoder: Encoder
    target: TargetEncoder | TargetsEncoder
    task: str
    loss: Any
    temperature: float = 1.0

    def outputs(self, features: Any, source: str = "data") -> np.ndarray:
        """Return the raw outputs float32: (m,) logits or standardized values, or (m, K) logits."""
        return self.outputs_of(Encoded(self.encoder, features, source))

    def outputs_of(self, x: np.ndarray | Encoded) -> np.ndarray:
        """Return the raw outputs of encoded rows."""
        forward = forward_of(self.skeleton, self.task)
        return predict_blocks(forward, self.params, self.rest, x, block_rows(self.encoder.layout))

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Return class probabilities (m, K) of raw outputs; columns follow ``target.classes``.

        Raises:
          ControlError: the task is regression, or the loss (hinge) gives scores and no probabilities.
        """
        self.require_probabilities()
        from scipy.special import expit, softmax  # start-up cost: training needs neither

        outputs = outputs.astype(np.float64) / self.temperature
        if outputs.ndim == 2:
            return softmax(outputs, axis=1)
        positive = expit(outputs)
        return np.stack([1 - positive, positive], axis=1)

    def require_probabilities(self) -> None:
        """Raise ControlError when there are none: the task is regression, or hinge loss gave mere scores."""
        if self.task == "regression":
            raise ControlError("predict_proba: the task is regression, which has no classes; use predict")
        if self.loss == "hinge":
            raise ControlError(
                "predict_proba: hinge loss gives scores, no probabilities; train with loss=auto"
            )

    def apart(self, outputs: np.ndarray) -> "list[tuple[str, Predictor, np.ndarray]]":
        """Return of several targets the name of each, what reads its outputs, and these: (m,) or (m, K)."""
        target = self.target
        assert isinstance(target, TargetsEncoder), "one target has no parts"
        return [
            (name, replace(self, target=part, task=part.task, loss=LOSS_OF_TASK[part.task]), own)
            for (name, part), own in zip(target.parts.items(), target.apart(outputs).values(), strict=True)
        ]

    def labels(self, outputs: np.ndarray, threshold: float = 0.5) -> np.ndarray:
        """Return labels, or values in the target's units, of raw outputs.

        ``threshold`` is the probability above which the second of two classes is predicted.
        """
        if self.task == "regression":
            return self.target.decode_values(outputs)
        return self.target.decode_classes(self.codes(outputs, threshold))

    def codes(self, outputs: np.ndarray, threshold: float = 0.5) -> np.ndarray:
        """Return class codes (m,) of raw outputs."""
        if outputs.ndim == 2:
            return outputs.argmax(axis=1)
        if threshold == 0.5:
            return (outputs > 0).astype(np.int64)
        self.require_probabilities()
        if not 0 < threshold < 1:
            raise ControlError(f"threshold: found {threshold}, expected a probability between 0 and 1")
        return (outputs / self.temperature > np.log(threshold / (1 - threshold))).astype(np.int64)


def predictor_of(prepared: Prepared, plan: Plan, params: Arrays, rest: Arrays) -> Predictor:
    """Return the predictor of weights that were trained by a plan on prepared data."""
    return Predictor(plan.skeleton, params, rest, prepared.encoder, prepared.target, plan.task, plan.loss)


def predict_blocks(
    forward: Any, params: Arrays, rest: Arrays, x: np.ndarray | Encoded, most: int, axis: int = 0
) -> np.ndarray:
    """Return a compiled forward pass over all rows, ``most`` at once, joined along ``axis`` of its output.

    Fewer rows than a block are padded to a power of two, so that few shapes are compiled.
    """
    parts = [
        _block(forward, params, rest, some[start : start + most], most, axis)
        for some in _pieces(x, most)
        for start in range(0, len(some), most)
    ]
    return np.concatenate(parts, axis) if parts else np.zeros((0,), np.float32)


def _pieces(x: np.ndarray | Encoded, most: int) -> Iterator[np.ndarray]:
    """Yield x in pieces of several blocks: many rows are encoded sooner than as many times a few."""
    blocks = max(1, PIECE // max(1, most * math.prod(x.shape[1:])))
    for start in range(0, len(x), blocks * most):
        yield x[start : start + blocks * most]


def _block(forward: Any, params: Arrays, rest: Arrays, x: np.ndarray, most: int, axis: int) -> np.ndarray:
    rows = len(x)
    padded = min(most, max(LEAST_BLOCK, 1 << max(0, rows - 1).bit_length()))
    if padded > rows:
        x = np.concatenate([x, np.zeros((padded - rows, *x.shape[1:]), x.dtype)])
    outputs = np.array(forward(params, rest, x))
    return outputs[:rows] if axis == 0 else outputs[:, :rows]


@lru_cache(maxsize=128)
def forward_of(skeleton: Skeleton, task: str, *, population: bool = False) -> Any:
    """Return the compiled forward pass in evaluation mode: (params, rest, x) → outputs, members in front."""

    def run(params: Arrays, rest: Arrays, x: jax.Array) -> jax.Array:
        model = skeleton.merge(params, rest)
        model.eval()
        return one_column(model(x).astype(jnp.float32), task)

    return jax.jit(jax.vmap(run, in_axes=(0, 0, None)) if population else run)
