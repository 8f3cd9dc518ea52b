"""``remedy``: a remedy by name, beside trainings of the same seeds that do nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netwright.core import catalog
from netwright.core.controls import Controls
from netwright.data.dataset import Dataset
from netwright.diagnose.paired import Change, change
from netwright.improve.remedies._study import Study
from netwright.train.predictor import Predictor


@dataclass(frozen=True)
class RemedyProof:
    """What a remedy does to the target error, beside doing nothing.

    Attributes:
      name: of the remedy; before, after: mean target error of the seeds, 0–1 or squared in the target's units.
      change: the difference, after − before, with its interval over seeds and rows.
    """

    name: str
    before: float
    after: float
    change: Change

    def __str__(self) -> str:
        return (
            f"{self.name}: target error {self.before:.4g} → {self.after:.4g}, difference {self.change.interval}, "
            f"P(better) = {self.change.p_lower:.2f}"
        )


@dataclass(frozen=True)
class Remedied:
    """Models with a remedy, and models of the same seeds without.

    Attributes:
      name: of the remedy; note: how it was applied, such as the effective sample size.
      before, after: a predictor a seed; both take features as the data set has them.
    """

    name: str
    note: str
    before: tuple[Predictor, ...]
    after: tuple[Predictor, ...]

    def predict(self, X: Any) -> np.ndarray:
        """Return labels, or values, of the first seed's remedied model."""
        return self.after[0].labels(self.after[0].outputs(X))

    def verify(self, X: Any, y: Any, *, confidence: float = 0.9) -> RemedyProof:
        """Compare the target error with and without the remedy on labelled target rows.

        Rows that the remedy did not adapt to make the fairer judge.
        """
        before, after = (_errors(predictors, X, y) for predictors in (self.before, self.after))
        difference = change(after - before, confidence=confidence)
        return RemedyProof(self.name, float(before.mean()), float(after.mean()), difference)


def remedy(
    name: str,
    dataset: Dataset | Study,
    target: Any = None,
    controls: Controls | None = None,
    *,
    seeds: Sequence[int] = range(5),
) -> Remedied:
    """Train with a remedy against a shift, and without, on the same seeds.

    Args:
      name: "importance_weighting", "adabn", "coral" or "domain_adversarial" for a covariate shift, "label_weighting"
        for a label shift; :attr:`ShiftReport.remedies` names those that the type of a shift admits.
      dataset: labelled training data; or a :class:`Study`, which trains without a remedy only once for several.
      target: unlabelled target rows, features as the data set has them.
      controls: how to train; every "auto" is chosen for the data.
      seeds: of the trainings, one pair each.

    Returns:
      the :class:`Remedied` models; ``.verify(X, y)`` compares their error on labelled target rows.

    Raises:
      ControlError: there is no such remedy, or the network or task does not admit it.
      DataError: the target rows lack a column.
    """
    catalog.check("improve.remedies", name, "remedy")
    study = dataset if isinstance(dataset, Study) else Study.of(dataset, target, controls, seeds)
    predictors, note = catalog.load("improve.remedies", name)(study)
    return Remedied(name, note, tuple(study.untreated), tuple(predictors))


def _errors(predictors: Sequence[Predictor], X: Any, y: Any) -> np.ndarray:
    """Return the error of each row (seeds, m)."""
    first = predictors[0]
    x, truth = first.encoder.transform(X, source="verify"), first.target.encode(y, source="verify")
    outputs = [predictor.outputs_of(x) for predictor in predictors]
    if first.task == "regression":
        decoded = first.target.decode_values
        return np.stack([(decoded(z) - decoded(truth)) ** 2 for z in outputs])
    return np.stack([p.codes(z) != truth for p, z in zip(predictors, outputs, strict=True)]).astype(
        np.float64
    )
