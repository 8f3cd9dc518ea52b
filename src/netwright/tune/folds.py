"""Folds: each training row is left out once, to judge the networks that learn from the others."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from netwright.core.errors import ControlError
from netwright.data.prepared import Prepared
from netwright.measure.subsets import strata


@dataclass(frozen=True)
class Folds:
    """Places within the training rows.

    Attributes:
      learn: (folds, n) that each fold learns from; judge: of each fold, those left out.
    """

    learn: np.ndarray
    judge: list[np.ndarray]

    def __len__(self) -> int:
        return len(self.judge)


def folds_of(prepared: Prepared, count: int, seed: int) -> Folds:
    """Return folds of the training rows, by scikit-learn: classes keep their shares, and groups stay whole.

    All folds train side by side, so those that would learn from a few rows less take some of theirs twice.

    Raises:
      ControlError: there are fewer than two folds, or fewer rows (of a class) or groups; or rows are split by time.
    """
    codes = strata(prepared)
    splitter, groups = _splitter(prepared, codes, count, seed)
    pairs = list(splitter.split(codes, codes, groups))
    rows = max(len(learn) for learn, _ in pairs)
    chance = np.random.default_rng(seed)
    learn = [np.append(places, chance.permutation(places)[: rows - len(places)]) for places, _ in pairs]
    return Folds(np.stack(learn), [judge for _, judge in pairs])


def _splitter(prepared: Prepared, codes: np.ndarray, count: int, seed: int) -> tuple[Any, np.ndarray | None]:
    # Start-up cost: only cross-validation needs it.
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    controls, classes = prepared.controls, np.unique(codes, return_counts=True)[1]
    if controls.split == "time":
        raise ControlError(
            "cv: data.split=time trains on the earliest rows only, folds would train on later ones; leave cv out"
        )
    limits = [(int(classes.min()), "rows of a class") if len(classes) > 1 else (len(codes), "rows")]
    groups = None
    if controls.split == "group" and controls.split_column is not None:
        groups = np.unique(
            prepared.features.column(controls.split_column)[prepared.train_rows], return_inverse=True
        )[1]
        limits.append((int(groups.max()) + 1, f"groups of {controls.split_column}"))
    for most, what in limits:
        if not 2 <= count <= most:
            raise ControlError(
                f"cv: found {count} folds, expected 2 to {most}, as {prepared.source} has {most} {what} to train on"
            )
    kinds = (KFold, StratifiedKFold) if groups is None else (GroupKFold, StratifiedGroupKFold)
    return kinds[len(classes) > 1](count, shuffle=True, random_state=seed), groups
