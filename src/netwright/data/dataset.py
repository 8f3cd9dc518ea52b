"""A data set: features, target, schema; it splits first and fits preprocessing on the training rows only."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import ControlError, DataError
from netwright.data.encoder import Encoder
from netwright.data.features import Features
from netwright.data.images.given import is_images
from netwright.data.matrix import Matrix
from netwright.data.numeric import as_array
from netwright.data.places import shown
from netwright.data.prepared import Prepared
from netwright.data.schema import Schema
from netwright.data.sequences.given import is_sequences
from netwright.data.splits import Rows, Splits, by_group, by_time, fractions, stratified
from netwright.data.target import Target
from netwright.data.target_encoder import TargetEncoder
from netwright.data.targets import Targets, labels_of_parts
from netwright.data.targets_encoder import TargetsEncoder
from netwright.data.text.given import is_texts
from netwright.data.weights import checked_weights

FitEncoder = Callable[[Features, Rows, DataControls], Encoder]
"""Makes an encoder from the features, the numbers of the training rows and the controls."""


class Split:
    """One part of a data set, as the user wrote it."""

    def __init__(self, features: Features, labels: Target | Targets, rows: Rows) -> None:
        self.rows = rows
        self._features, self._labels = features, labels

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def features(self) -> Any:
        """The features of these rows: a Polars frame, or an array."""
        return self._features.take(self.rows)

    @property
    def target(self) -> Any:
        """The targets of these rows (m,): labels in the user's own type, or numbers; of several targets by name."""
        return self._labels.labels(self.rows)

    def __repr__(self) -> str:
        return f"Split({len(self):,} rows)"


class Dataset:
    """Features with a target, from :func:`netwright.read`, :func:`netwright.example` or :meth:`from_arrays`.

    Attributes:
      name: for messages and records.
      task: "binary", "multiclass", "regression", or "multitask" of several targets.
      features, labels: the whole table and its target, or targets.
      weight: sample weights float64 (m,), or None.
      given: rows that came as dev and test data of their own; they are never split.
      notes: what happened on reading that a user should know.
      origin: how :func:`netwright.data.origin.reopen` finds it again, or None when it was made in memory.
    """

    def __init__(
        self,
        features: Features,
        labels: Target | Targets,
        *,
        name: str,
        weight: NDArray[np.float64] | None = None,
        given: dict[str, Rows] | None = None,
        notes: tuple[str, ...] = (),
        origin: dict[str, Any] | None = None,
    ) -> None:
        self.name, self.task = name, labels.task
        self.features, self.labels, self.weight = features, labels, weight
        self.given = given or {}
        self.notes = notes
        self.origin = origin
        self._in_use: WeakValueDictionary[tuple[str, bool, FitEncoder | None], Prepared] = (
            WeakValueDictionary()
        )

    @classmethod
    def from_arrays(
        cls,
        X: Any,
        y: Any,
        X_dev: Any = None,
        y_dev: Any = None,
        X_test: Any = None,
        y_test: Any = None,
        task: str | None = None,
        sample_weight: Any = None,
        name: str = "arrays",
        feature_names: Sequence[str] | None = None,
    ) -> "Dataset":
        """Make a data set of NumPy or JAX arrays, or of pandas or Polars frames.

        Args:
          X: (m, n) numbers with NaN for missing, a frame of any columns, images as bytes (uint8) of shape
            (m, H, W) or (m, H, W, C), sequences as floats (m, T, C) or a list of (T, C), a list of texts, or other
            numbers (m, …). A dictionary of such inputs by name is one data set whose rows have them all.
          y: (m,) or (m, 1) labels (integers, booleans, strings) or numbers. A dictionary of such vectors by name is
            several targets, which one network learns together; None or NaN where a row lacks one.
          X_dev, y_dev, X_test, y_test: parts of their own; such a part is then not split off X.
          task: "binary", "multiclass" or "regression"; by default what y asks for.
          sample_weight: (m,) weights of the rows of X.
          feature_names: names of the columns of an array; by default x0, x1, …

        Raises:
          DataError: shapes disagree, or a value cannot be used; it names the argument, row and column.
        """
        held_out = _held_out(X_dev, y_dev, X_test, y_test)
        parts = {"X": X} | {f"X_{part}": pair[0] for part, pair in held_out.items()}
        features = _features(parts, feature_names)
        labels, sizes = labels_of_parts(
            {"y": y} | {f"y_{part}": pair[1] for part, pair in held_out.items()}, task, name
        )
        _check_lengths(len(features), sum(sizes))
        weight = None
        if sample_weight is not None:
            weight = np.ones(sum(sizes))
            weight[: sizes[0]] = checked_weights(sample_weight, sizes[0], "sample_weight")
        given: dict[str, Rows] = {}
        start = sizes[0]
        for part, size in zip(held_out, sizes[1:], strict=True):
            given[part] = np.arange(start, start + size, dtype=np.int64)
            start += size
        return cls(features, labels, name=name, weight=weight, given=given)

    def __len__(self) -> int:
        return len(self.features)

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to prepare the data itself."""
        return {name: value for name, value in vars(self).items() if name != "_in_use"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _in_use=WeakValueDictionary())

    @cached_property
    def schema(self) -> Schema:
        """What each column is, and whether it is used; print it."""
        return Schema(self.name, len(self), self.features.columns(), str(self.labels), self.notes)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, over columns, values, target, weights and given parts; the same in every process."""
        digest = hashlib.sha256()
        self.features.digest(digest.update)
        self.labels.digest(digest.update)
        if self.weight is not None:
            digest.update(self.weight.data)
        for part, rows in sorted(self.given.items()):
            digest.update(f"{part}{len(rows)}".encode())
            digest.update(np.ascontiguousarray(rows).data)
        return digest.hexdigest()

    def splits(self, controls: DataControls) -> Splits:
        """Return the rows of train, dev, test and train-dev: a pure function of the data and the controls.

        "random" is stratified for classes; "group" keeps the groups of ``split_column`` whole; "time" orders
        by it. A part that was given from outside is taken as it is.

        Raises:
          DataError: a class has one member only, or there are too few rows or groups, or the times are text.
          ControlError: the fractions leave nothing, or the split needs a ``split_column``.
        """
        shares = fractions(controls, dev="dev" not in self.given, test="test" not in self.given)
        pool = len(self) - sum(len(rows) for rows in self.given.values())
        if shares[0] == 1:
            found = Splits(np.arange(pool, dtype=np.int64), np.arange(0), np.arange(0))
        else:
            found = self._split(pool, shares, controls)
        train, train_dev = found.train, found.train_dev
        if controls.train_dev_fraction:
            train, train_dev = self._cut_train_dev(train, controls)
        parts = {"train": train, "dev": found.dev, "test": found.test, "train_dev": train_dev} | self.given
        return Splits(**parts)

    def _cut_train_dev(self, train: Rows, controls: DataControls) -> tuple[Rows, Rows]:
        shares = np.array([1 - controls.train_dev_fraction, controls.train_dev_fraction, 0.0])
        if controls.split == "group" and controls.split_column is not None:
            groups = np.unique(self.features.column(controls.split_column)[train], return_inverse=True)[1]
            cut = by_group(groups, shares, controls.split_seed)
        else:
            cut = stratified(self._strata(len(self))[train], shares, controls.split_seed)
        return train[cut.train], train[cut.dev]

    def _split(self, pool: int, shares: NDArray[np.float64], controls: DataControls) -> Splits:
        if controls.split == "random":
            return stratified(self._strata(pool), shares, controls.split_seed)
        if controls.split_column is None:
            raise ControlError(
                f"data.split_column: expected the column that holds the {controls.split}, found none"
            )
        if controls.split == "time":
            return by_time(self.features.times(controls.split_column)[:pool], shares)
        groups = self.features.column(controls.split_column)[:pool]
        return by_group(np.unique(groups, return_inverse=True)[1], shares, controls.split_seed)

    def _strata(self, pool: int) -> NDArray[np.integer]:
        codes = self.labels.strata()[:pool]
        if self.labels.classes is None:
            return codes
        counts = np.bincount(codes, minlength=len(self.labels.classes))
        if (counts == 1).any():
            label = self.labels.classes[int(np.argmax(counts == 1))]
            raise DataError(
                f"{self.name}: class {shown(label)} of target '{self.labels.name}' has 1 row; a stratified split "
                "needs at least 2: add rows, drop that class, or set data.dev_fraction=0 and "
                "data.test_fraction=0"
            )
        return codes

    def prepare(self, controls: DataControls, *, embeddings: bool, fit: FitEncoder | None = None) -> Prepared:
        """Split, then fit the encoders on the training rows; what is still in use somewhere is not made again.

        Args:
          controls: how to split, encode and weigh.
          embeddings: whether the network embeds integer codes; False encodes every category one-hot.
          fit: makes the encoder from the features, the training rows and the controls; by default the features do.
        """
        key = (controls.model_dump_json(), embeddings, fit)
        found = self._in_use.get(key)
        if found is None:
            found = self._in_use[key] = self._fitted(controls, embeddings, fit)
        return found

    def _fitted(self, controls: DataControls, embeddings: bool, fit: FitEncoder | None) -> Prepared:
        splits = self.splits(controls)
        left_out = controls.split_column if controls.split == "group" else None
        if fit is None:
            encoder = self.features.fit(splits.train, controls, embeddings=embeddings, left_out=left_out)
        else:
            encoder = fit(self.features, splits.train, controls)
        labels, scaled = self.labels, controls.normalize_target
        if isinstance(labels, Targets):
            target = TargetsEncoder.fit(labels, splits.train, normalize=scaled)
        else:
            target = TargetEncoder.fit(labels, splits.train, normalize=scaled)
        return self._prepared(encoder, target, splits, controls)

    def _prepared(
        self, encoder: Encoder, target: TargetEncoder | TargetsEncoder, splits: Splits, controls: DataControls
    ) -> Prepared:
        return Prepared(
            self.task,
            encoder,
            target,
            splits,
            controls,
            self.features,
            self.labels,
            self.weight,
            self.name,
            tuple(self.given),
        )

    def _part(self, rows: Rows) -> Split:
        return Split(self.features, self.labels, rows)

    @cached_property
    def _default_splits(self) -> Splits:
        return self.splits(DataControls())

    @property
    def train(self) -> Split:
        """The training rows under default controls."""
        return self._part(self._default_splits.train)

    @property
    def dev(self) -> Split:
        """The dev rows under default controls."""
        return self._part(self._default_splits.dev)

    @property
    def test(self) -> Split:
        """The test rows under default controls."""
        return self._part(self._default_splits.test)

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}, {self.task}, {len(self):,} rows)"


def _held_out(X_dev: Any, y_dev: Any, X_test: Any, y_test: Any) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    for part, X, y in (("dev", X_dev, y_dev), ("test", X_test, y_test)):
        if (X is None) != (y is None):
            raise DataError(f"X_{part} and y_{part}: found one of them, expected both or neither")
        if X is not None:
            found[part] = (X, y)
    return found


def _features(parts: dict[str, Any], names: Sequence[str] | None) -> Features:
    """Return all rows as one block of features; the first part decides its columns."""
    if isinstance(parts["X"], Mapping):
        from netwright.data.inputs import Inputs  # start-up cost: only several inputs need it

        return Inputs.of_parts(parts, lambda one: _features(one, None))
    if is_images(parts["X"]):
        from netwright.data.images.images import Images  # start-up cost: only images need it

        return Images.of_arrays(parts)
    if is_sequences(parts["X"]):
        from netwright.data.sequences.sequences import Sequences  # start-up cost: only sequences need it

        return Sequences.of_parts(parts)
    if is_texts(parts["X"]):
        from netwright.data.text.texts import Texts  # start-up cost: only texts need it

        return Texts.of_parts(parts)
    if _is_table(parts["X"]):
        from netwright.data.table import Table  # start-up cost: Polars is imported for tables only

        return Table.of_parts(parts)
    matrices = {source: Matrix(X, source, names) for source, X in parts.items()}
    example = matrices["X"].content.shape[1:]
    for source, matrix in matrices.items():
        if matrix.content.shape[1:] != example:
            found = matrix.content.shape
            wanted = ", ".join(map(str, ("rows", *example)))
            raise DataError(f"{source}: found shape {found}, expected ({wanted}) as in X")
    if len(matrices) == 1:
        return matrices["X"]
    return Matrix(np.concatenate([matrix.content for matrix in matrices.values()]), "X", names)


def _is_table(X: Any) -> bool:
    if type(X).__module__.partition(".")[0] in ("pandas", "polars", "pyarrow"):
        return True
    return not hasattr(X, "toarray") and as_array(X, "X").dtype.kind in "OUS"


def _check_lengths(features: int, targets: int) -> None:
    if features != targets:
        raise DataError(f"X and y: found {features} rows of X and {targets} of y, expected one target a row")
    if features == 0:
        raise DataError("X: found 0 rows, expected at least one")
