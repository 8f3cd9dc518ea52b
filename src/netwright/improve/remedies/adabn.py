"""AdaBN: the statistics of batch normalization are taken again, on the target rows."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
from flax import nnx

from netwright.core.errors import ControlError
from netwright.improve.remedies._study import Study, Trained
from netwright.train.predictor import Predictor

MOST_ROWS = 8192


def adabn(study: Study) -> Trained:
    """Replace the running averages of every batch normalization by the moments of the target rows.

    No weight is trained: each layer's inputs are standardized by the domain that they come from.

    Raises:
      ControlError: the network has no batch normalization.

    Reference: Li, Wang, Shi, Liu and Hou (2016), "Revisiting batch normalization for practical domain adaptation".
    """
    if not study.controls.architecture.batch_norm:
        raise ControlError("adabn: the network has no batch normalization; set architecture.batch_norm=true")
    rows = np.random.default_rng(0).permutation(len(study.target))[:MOST_ROWS]
    x = study.target[rows]
    return Trained([_adapted(p, x) for p in study.untreated], f"moments of {len(x)} target rows")


def _adapted(predictor: Predictor, x: np.ndarray) -> Predictor:
    model = predictor.skeleton.merge(predictor.params, predictor.rest)
    model.eval()
    for norm in (node for _, node in nnx.iter_graph(model) if isinstance(node, nnx.BatchNorm)):
        # One pass over all rows: a running average of momentum 0 is the moments of that one batch.
        norm.use_running_average, norm.momentum = False, 0.0
    run: nnx.Module = model
    run(jnp.asarray(x))  # pyright: ignore[reportCallIssue]
    return replace(predictor, rest=predictor.skeleton.rest_of(model))
