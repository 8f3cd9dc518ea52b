"""Bias and variance by training again on resamples of the training rows."""

from dataclasses import replace
from typing import Literal

import numpy as np

from netwright.core.controls import Controls
from netwright.core.errors import ControlError
from netwright.data.dataset import Dataset
from netwright.data.prepared import Prepared
from netwright.data.targets import require_one
from netwright.diagnose.bias_variance import BiasVariance, squared, zero_one
from netwright.measure.rows import dev_of, finite, sample_weight_of, truth_of, values_of
from netwright.measure.subsets import bootstrap, random_subset
from netwright.train.population import fit_population
from netwright.train.pretrained import prepare

SCHEMES = {
    "bootstrap": "each on as many rows drawn with replacement",
    "subsample": "each on a random half of the rows",
}


def bias_variance(
    ds: Dataset | Prepared,
    controls: Controls | None = None,
    *,
    members: int = 10,
    scheme: Literal["bootstrap", "subsample"] = "bootstrap",
    confidence: float = 0.9,
) -> BiasVariance:
    """Decompose the dev error into bias and variance, over training sets, initial weights and orders.

    Rows count by their sample weights, where the user gave any: in training and in the means.

    Args:
      ds: what to learn; its dev rows judge.
      controls: how to train.
      members: networks; each has a resample and a seed of its own.
      scheme: "bootstrap" (as many rows, with replacement) or "subsample" (a random half of them).
      confidence: of the intervals.

    Raises:
      ControlError: fewer than two members, or an unknown scheme.
      DataError: there are no dev rows.
      TrainingError: a training diverges.
    """
    require_one(ds.labels.names, "bias_variance")
    if members < 2 or scheme not in SCHEMES:
        raise ControlError(
            f"bias_variance: found members={members} and scheme={scheme!r}, expected at least 2 members and "
            "'bootstrap' or 'subsample'"
        )
    controls = controls or Controls()
    prepared = ds if isinstance(ds, Prepared) else prepare(ds, controls)
    dev, half = dev_of(prepared), max(1, len(prepared.train) // 2)
    generators = [np.random.default_rng((members, seed)) for seed in range(members)]
    rows = [
        bootstrap(prepared, rng) if scheme == "bootstrap" else random_subset(prepared, half, rng)
        for rng in generators
    ]
    population = fit_population(prepared, controls, seeds=list(range(members)), rows=np.stack(rows))
    found, truth = finite(values_of(prepared, population.outputs("dev"))), truth_of(prepared, dev)
    decompose = squared if prepared.task == "regression" else zero_one
    weight = sample_weight_of(prepared, dev)
    return replace(decompose(found, truth, confidence, weight), scheme=SCHEMES[scheme])
