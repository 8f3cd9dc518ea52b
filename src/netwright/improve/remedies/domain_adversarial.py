"""Domain-adversarial training: features that tell the classes, and do not tell the domains."""

from dataclasses import replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.core.controls import DataControls
from netwright.core.errors import ControlError
from netwright.data.dataset import Dataset
from netwright.improve.remedies._study import Study, Trained
from netwright.losses.bce import bce
from netwright.losses.cce import cce
from netwright.models import ModelSpec, build
from netwright.nn.dense import dense
from netwright.nn.initializers.he_normal import he_normal
from netwright.nn.skeleton import split
from netwright.train.fit import fit
from netwright.train.predictor import Predictor
from netwright.train.setup import spec_of

WIDTH = 64
"""Hidden units of the head that tells the domains apart."""


def domain_adversarial(study: Study) -> Trained:
    """Train the hidden layers so that a second head cannot tell target rows from training rows.

    ``cost = L_class(source) + L_domain(source and target)``; between the hidden layers and the domain head the gradient
    is reversed and scaled by ``λ = 2 / (1 + exp(−10 p)) − 1``, p the share of training done. Target rows enter as a
    class of their own that only the domain head sees. Trains all epochs: no unlabelled score says when to stop.

    Raises:
      ControlError: the task has no classes, or the network is no MLP with a hidden layer.

    Reference: Ganin et al. (2016), "Domain-adversarial training of neural networks", equations 10 and 14.
    """
    target, train = study.prepared.target, study.prepared.train
    spec = spec_of(study.controls, study.prepared)
    if target.classes is None or spec.kind != "mlp" or not spec.hidden:
        raise ControlError(
            f"domain_adversarial: found a {spec.kind} for {study.prepared.task}, "
            "expected classes and an MLP with a hidden layer"
        )
    classes = len(target.classes)
    n, m = len(train), len(study.target)
    rows = Dataset.from_arrays(
        np.concatenate([train.x, study.target]),
        np.concatenate([train.y, np.full(m, classes, np.int32)]),
        task="multiclass",
        # Both domains weigh the same, whatever their sizes.
        sample_weight=np.concatenate([train.weight, np.full(m, n / m)]),
    )
    controls = study.controls.replace(
        loss="auto",
        data=DataControls(normalize="none", dev_fraction=0, test_fraction=0),
        regularization=study.controls.regularization.replace(early_stopping=None, label_smoothing=0.0),
    )
    batch = controls.optimization.batch_size
    batches = 1 if batch == "full" else -(-(n + m) // int(batch))
    steps = batches * int(controls.optimization.epochs)
    predictors: list[Predictor] = []
    for seed in study.seeds:
        model = Adversarial(replace(spec, n_out=classes), steps, nnx.Rngs(seed))
        trained: Any = fit(rows, controls, seed=seed, model=model, loss=_loss(classes)).model
        parts = split(trained.network)
        predictors.append(Predictor(*parts, study.prepared.encoder, target, study.prepared.task, "cce"))
    return Trained(predictors, f"{m} target rows, {steps} steps")


class Progress(nnx.Variable):
    """Steps taken so far."""


class Adversarial(nnx.Module):
    """A multilayer perceptron with a second head behind a gradient reversal: (m, n_in) → (m, classes + 1)."""

    def __init__(self, spec: ModelSpec, steps: int, rngs: nnx.Rngs) -> None:
        self.network: Any = build(spec, rngs)
        self.first = dense(spec.hidden[-1], WIDTH, kernel=he_normal(), rngs=rngs)
        self.second = dense(WIDTH, 1, kernel=he_normal(), rngs=rngs)
        self.steps, self.done = steps, Progress(jnp.float32(0))
        self.deterministic = False

    def __call__(self, x: jax.Array) -> jax.Array:
        """Return class logits, and in the last column the logit of the target domain."""
        a = self.network.columns(x) if self.network.columns else x
        for block in self.network.hidden:
            a = block(a)
        strength = 2 / (1 + jnp.exp(-10 * self.done[...] / self.steps)) - 1
        if not self.deterministic:
            self.done[...] = self.done[...] + 1
        domain = self.second(jax.nn.relu(self.first(reversed_gradient(a, strength))))
        return jnp.concatenate([self.network.output(a), domain], axis=1)


@jax.custom_vjp
def reversed_gradient(x: jax.Array, strength: jax.Array) -> jax.Array:
    """Return x; the gradient that passes is −strength times what arrives."""
    del strength
    return x


def _forward(x: jax.Array, strength: jax.Array) -> tuple[jax.Array, jax.Array]:
    return x, strength


def _backward(strength: jax.Array, g: jax.Array) -> tuple[jax.Array, jax.Array]:
    return -strength * g, jnp.zeros_like(strength)


reversed_gradient.defvjp(_forward, _backward)


@cache  # one function a number of classes: programs are shared by the identity of the loss
def _loss(classes: int) -> Any:
    def loss(outputs: jax.Array, targets: jax.Array) -> jax.Array:
        is_target = targets == classes
        label = cce(outputs[:, :classes], jnp.minimum(targets, classes - 1))
        domain = bce(outputs[:, classes], is_target.astype(jnp.float32))
        return jnp.where(is_target, 0.0, label) + domain

    return loss
