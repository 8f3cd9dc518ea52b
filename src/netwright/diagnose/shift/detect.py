"""``detect``: two samples in, a shift report out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from netwright.core.errors import ControlError, DataError
from netwright.core.keys import checked_seed
from netwright.diagnose.interval import Interval
from netwright.diagnose.shift.classifier import MOST_ROWS, thinned
from netwright.diagnose.shift.columns import Pair, matrix, read_pairs
from netwright.diagnose.shift.concept import concept_test
from netwright.diagnose.shift.kind import Samples, pair_tests, shift_type
from netwright.diagnose.shift.labels import Labels, Predicted, given, read_labels, reference
from netwright.diagnose.shift.report import JointTest, ShiftReport
from netwright.diagnose.shift.univariate import univariate


def detect(
    train: Any,
    target: Any,
    *,
    outputs: tuple[Any, Any] | None = None,
    y_train: Any = None,
    y_target: Any = None,
    confidence: float = 0.9,
    seed: int = 0,
    names: Sequence[str] | None = None,
) -> ShiftReport:
    """Tell whether target rows come from another distribution than training rows, what moved, and if it hurts.

    Each column and each model output is tested by itself (Kolmogorov–Smirnov; chi-square for categories), all
    columns together by a classifier two-sample test and by MMD. With ``y_target`` the labels are tested too, and the
    errors at equal inputs. Every p-value is corrected by Bonferroni for all of them, so that without a shift anything
    is called shifted in at most 1 − ``confidence`` of cases.

    Args:
      train, target: arrays (n, …) and (m, …), NaN for missing, or frames (Polars, pandas, PyArrow) of equal columns.
      outputs: raw outputs of a trained model for both, (n,) and (m,) or (n, K) and (m, K): logits, class scores, or
        predicted values. The training rows must then be rows that the model did not learn from, such as dev rows:
        it is surer of rows it has seen.
      y_train, y_target: labels or numbers (n,) and (m,). The type of a shift needs ``y_train``; to tell a concept
        shift, and the harm, both.
      confidence: 1 − the rate of false alarms; also of the intervals.
      seed: of folds, permutations, and of the rows drawn when there are more than a test needs.
      names: of an array's columns.

    Returns:
      the :class:`ShiftReport`; print it.

    Raises:
      DataError: columns, rows, outputs or labels do not agree.
      ControlError: ``confidence`` is not between 0 and 1, or ``y_target`` comes without ``y_train``.

    Example:
      >>> report = nw.shift.detect(ds.dev.features, new_rows, y_train=ds.dev.target)

    Reference: Rabanser, Günnemann and Lipton (2019), "Failing loudly".
    """
    if not 0 < confidence < 1:
        raise ControlError(f"confidence: found {confidence}, expected a number between 0 and 1, such as 0.9")
    if y_target is not None and y_train is None:
        raise ControlError("y_target: found without y_train; give both, or y_train alone")
    seed = checked_seed(seed)
    pairs = read_pairs(train, target, names)
    n, m = len(pairs[0].train), len(pairs[0].target)
    scores = None if outputs is None else _checked(outputs, n, m)
    x = matrix(pairs)
    labels = None if y_train is None else read_labels(y_train, y_target, n, m)
    # The products here are small: threads that wait for each other cost more than they give.
    with threadpool_limits(1):
        return _report(pairs, scores, x, labels, confidence, seed)


def _report(
    pairs: list[Pair],
    scores: tuple[NDArray[Any], NDArray[Any]] | None,
    x: NDArray[np.float64],
    labels: Labels | None,
    confidence: float,
    seed: int,
) -> ShiftReport:
    n, m, alpha = len(pairs[0].train), len(pairs[0].target), 1 - confidence
    joint, harm, samples = pair_tests(x[:n], x[n:], confidence, seed), None, None
    if labels is not None:
        predicted = reference(labels, x, n, seed) if scores is None else given(labels, scores)
        samples = Samples(x[:n], x[n:], labels, predicted)
        if labels.target is not None:
            joint.append(_label_test(labels))
            concept, harm = _errors(x, n, labels, labels.target, predicted, confidence, seed)
            joint.append(concept)
    tests = len(joint) + 1
    corrected = [min(1.0, test.p * tests) for test in joint]
    joint = [
        replace(test, corrected_p=p, shifted=bool(p < alpha))
        for test, p in zip(joint, corrected, strict=True)
    ]
    features = _corrected(univariate([*pairs, *_output_pairs(scores)]), tests, alpha)
    found = {test.name: test.shifted for test in joint}
    inputs = bool(features["shifted"].any()) or found["classifier AUC"] or found["MMD"]
    known = {"inputs": inputs} | {name: found[name] for name in ("labels", "concept") if name in found}
    if joint[-1].name == "concept" and joint[-1].effect is None:
        del known["concept"]
    kind, reason = shift_type(samples, known, alpha, seed)
    return ShiftReport((n, m), features, tuple(joint), kind, reason, harm, confidence)


def _corrected(features: pl.DataFrame, tests: int, alpha: float) -> pl.DataFrame:
    p = (pl.col("p") * len(features) * tests).clip(upper_bound=1.0)
    order = ["column", "test", "statistic", "p", "corrected_p", "effect", "mean_difference", "shifted"]
    features = features.with_columns(corrected_p=p).with_columns(shifted=pl.col("corrected_p") < alpha)
    return features.select(order).sort("shifted", "effect", descending=True)


def _checked(outputs: Any, n: int, m: int) -> tuple[NDArray[Any], NDArray[Any]]:
    if not isinstance(outputs, tuple | list) or len(outputs) != 2:
        raise DataError("outputs: expected a pair, (outputs of train, outputs of target)")
    train, target = (np.asarray(values) for values in outputs)
    if len(train) != n or len(target) != m or train.shape[1:] != target.shape[1:] or train.ndim not in (1, 2):
        raise DataError(
            f"outputs: found shapes {train.shape} and {target.shape}, expected ({n},) and ({m},), or these rows × K"
        )
    return train, target


def _output_pairs(scores: tuple[NDArray[Any], NDArray[Any]] | None) -> list[Pair]:
    if scores is None:
        return []
    train, target = (values.reshape(len(values), -1).astype(np.float64) for values in scores)
    pairs = [Pair(f"output {i}", True, train[:, i], target[:, i]) for i in range(train.shape[1])]
    if train.shape[1] > 1:
        pairs.append(Pair("predicted class", False, train.argmax(axis=1), target.argmax(axis=1)))
    return pairs


def _label_test(labels: Labels) -> JointTest:
    assert labels.target is not None
    pair = Pair("labels", labels.edges is not None, labels.train, labels.target)
    row = univariate([pair]).row(0, named=True)
    return JointTest("labels", row["effect"], row["p"])


def _errors(
    x: NDArray[np.float64],
    n: int,
    labels: Labels,
    truth: NDArray[Any],
    predicted: Predicted,
    confidence: float,
    seed: int,
) -> tuple[JointTest, Interval]:
    """Return the concept test, and the interval of target error − training error (Welch)."""
    from scipy.stats import t  # start-up cost: training needs no statistics

    before = labels.errors(labels.train[predicted.rows], predicted.train)
    after = labels.errors(truth, predicted.target)
    squares = [part.var(ddof=1) / len(part) for part in (before, after)]
    spread = float(np.sqrt(sum(squares)))
    freedom = sum(squares) ** 2 / max(
        squares[0] ** 2 / (len(before) - 1) + squares[1] ** 2 / (len(after) - 1), 1e-300
    )
    gap, half = (
        float(after.mean() - before.mean()),
        float(t.ppf((1 + confidence) / 2, max(freedom, 1))) * spread,
    )
    rows = predicted.rows[thinned(len(predicted.rows), MOST_ROWS, seed)]
    kept = thinned(len(truth), MOST_ROWS, seed)
    both = np.concatenate([x[rows], x[n + kept]])
    domain = np.repeat([0.0, 1.0], [len(rows), len(kept)])
    errors = np.concatenate([before[np.searchsorted(predicted.rows, rows)], after[kept]])
    codes = labels.codes(np.concatenate([labels.train[rows], truth[kept]]))
    concept = concept_test(both, domain, errors, codes, confidence, seed)
    return concept, Interval(gap - half, gap, gap + half, confidence)
