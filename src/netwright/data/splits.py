"""Splits: which rows train, which rows choose (dev), which rows judge (test).

A fourth part, train-dev, is cut from the training rows: alike in distribution, but never trained on (Ng, "Machine
Learning Yearning", chapter 40).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import ControlError, DataError

Rows = NDArray[np.int64]
PARTS = ("train", "dev", "test")
ALL_PARTS = ("train", "train_dev", "dev", "test")


@dataclass(frozen=True)
class Splits:
    """Row numbers of each part, ascending; disjoint, and together every row."""

    train: Rows
    dev: Rows
    test: Rows
    train_dev: Rows = field(default_factory=lambda: np.arange(0))


def fractions(controls: DataControls, *, dev: bool = True, test: bool = True) -> NDArray[np.float64]:
    """Return the shares of (train, dev, test); a part that was given from outside takes no share.

    Raises:
      ControlError: nothing would be left to train on.
    """
    dev_share = controls.dev_fraction if dev else 0.0
    test_share = controls.test_fraction if test else 0.0
    if dev_share + test_share >= 1:
        raise ControlError(
            f"data.dev_fraction + data.test_fraction: found {dev_share + test_share:g}, "
            "expected less than 1, so that rows are left to train on"
        )
    return np.array([1 - dev_share - test_share, dev_share, test_share])


def stratified(codes: NDArray[np.integer], shares: NDArray[np.float64], seed: int) -> Splits:
    """Split at random so that each class is divided in the shares: every count is ⌊n·f⌋ or ⌈n·f⌉.

    Within a class the left-over rows go to the parts that are furthest behind over all classes so far, so the
    totals keep the shares too. Every class keeps at least one training row. With one class (all codes 0) this
    is the plain random split.

    Args:
      codes: (m,) class of each row, from 0.
      shares: (3,) shares of train, dev and test, summing to 1.
      seed: the split is a pure function of (codes, shares, seed).

    Raises:
      DataError: too few rows to give each part one.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    part = np.empty(len(codes), np.int8)
    behind = np.zeros(3)
    start = 0
    for size in np.bincount(codes):
        if size:
            counts = _apportion(int(size), shares, behind)
            part[order[start : start + size]] = np.repeat(np.arange(3), counts)
        start += size
    return _checked(part, shares)


def _apportion(size: int, shares: NDArray[np.float64], behind: NDArray[np.float64]) -> NDArray[np.int64]:
    quota = size * shares
    counts = np.floor(quota + 1e-9).astype(np.int64)
    behind += quota - counts
    claims = np.where(quota - counts > 1e-9, behind, -np.inf)
    for _ in range(size - int(counts.sum())):
        part = int(np.argmax(claims))
        counts[part] += 1
        behind[part] -= 1
        claims[part] = -np.inf
    if counts[0] == 0:
        giver = int(np.argmax(counts))
        counts[0], counts[giver] = 1, counts[giver] - 1
        behind[0], behind[giver] = behind[0] - 1, behind[giver] + 1
    return counts


def by_group(groups: NDArray[np.integer], shares: NDArray[np.float64], seed: int) -> Splits:
    """Split whole groups: none straddles two parts.

    Groups are taken in random order; each goes to the part that is furthest below its share of rows, and the
    last ones to parts that are still empty.

    Args:
      groups: (m,) group of each row, coded from 0.
      shares: (3,) shares of train, dev and test, summing to 1.
      seed: the split is a pure function of (groups, shares, seed).

    Raises:
      DataError: fewer groups than parts.
    """
    sizes = np.bincount(groups)
    wanted = np.flatnonzero(shares > 0)
    if len(sizes) < len(wanted):
        raise DataError(
            f"found {len(sizes)} group(s) for {len(wanted)} parts (train, dev, test); expected at least one "
            "group a part: set data.dev_fraction=0 or data.test_fraction=0, or split at random"
        )
    part_of = np.zeros(len(sizes), np.int8)
    below = len(groups) * shares
    empty = set(wanted.tolist())
    order = np.random.default_rng(seed).permutation(len(sizes))
    for position, group in enumerate(order):
        candidates = sorted(empty) if len(order) - position <= len(empty) else wanted
        part = int(candidates[int(np.argmax(below[candidates]))])
        part_of[group] = part
        below[part] -= sizes[group]
        empty.discard(part)
    return _checked(part_of[groups], shares)


def by_time(times: NDArray[np.generic], shares: NDArray[np.float64]) -> Splits:
    """Split by time: train on the earliest rows, test on the latest; equal times keep the table's order.

    Args:
      times: (m,) sortable values.
      shares: (3,) shares of train, dev and test, summing to 1.

    Raises:
      DataError: too few rows to give each part one.
    """
    counts = _apportion(len(times), shares, np.zeros(3))
    part = np.empty(len(times), np.int8)
    part[np.argsort(times, kind="stable")] = np.repeat(np.arange(3), counts)
    return _checked(part, shares)


def _checked(part: NDArray[np.int8], shares: NDArray[np.float64]) -> Splits:
    rows = [np.flatnonzero(part == i).astype(np.int64) for i in range(3)]
    for name, found, share in zip(PARTS, rows, shares, strict=True):
        if share > 0 and len(found) == 0:
            raise DataError(
                f"{len(part)} row(s) are too few to hold out {share:.0%} as {name}: "
                f"give more rows or set data.{name}_fraction=0"
            )
    return Splits(*rows)
