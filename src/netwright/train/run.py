"""A run: a trained model, its record, and what one asks of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from flax import nnx

from netwright.core import lazy
from netwright.core.controls import Controls
from netwright.core.errors import ControlError, DataError, RunError
from netwright.data.arrays import Arrays
from netwright.data.dataset import Dataset
from netwright.data.encoded import Encoded
from netwright.data.prepared import Prepared
from netwright.data.splits import ALL_PARTS
from netwright.data.targets_encoder import TargetsEncoder
from netwright.data.weights import checked_weights
from netwright.nn.summary import Summary, summary
from netwright.train.block import block_rows
from netwright.train.feed import Rows, device_budget
from netwright.train.folder import RunFolder
from netwright.train.objective import losses_in
from netwright.train.plan import Hyper
from netwright.train.predictor import Predictor
from netwright.train.program import Program
from netwright.train.snapshot import Records, to_host
from netwright.train.sparsity import sparsity, used_features
from netwright.transfer.features import FeatureEncoder
from netwright.watch.probe import STATISTICS, layers_of

KEPT_BYTES = 2**28
"""Encoded rows that are judged are kept up to here; more are encoded block by block, once for each pass."""


class Run:
    """What :func:`netwright.fit` returns and :func:`netwright.load` reads back.

    Attributes:
      predictor: the trained model with its encoders.
      record: what run.json says: status, seed, controls, the data's fingerprint.

    ``data`` and ``judge`` give the encoded data and the compiled program when they are needed: a loaded run that
    only predicts reads and compiles neither.
    """

    def __init__(
        self,
        predictor: Predictor,
        record: dict[str, Any],
        *,
        data: Callable[[], Prepared],
        judge: Callable[[], tuple[Program, Hyper]],
        records: Records | None = None,
        folder: RunFolder | None = None,
    ) -> None:
        self.predictor, self.record = predictor, record
        self._data, self._judge = data, judge
        self._records, self._folder = records, folder

    diagnose = lazy.Method("netwright.measure.diagnose:diagnose")
    """See :func:`netwright.measure.diagnose.diagnose`."""
    export = lazy.Method("netwright.export.export:export")
    """See :func:`netwright.export.export.export`."""
    of = lazy.Method("netwright.train.single:of")
    """See :func:`netwright.train.single.of`."""
    report = lazy.Method("netwright.report.report:report")
    """See :func:`netwright.report.report.report`."""
    xray = lazy.Method("netwright.train.xray:xray")
    """See :func:`netwright.train.xray.xray`."""

    @property
    def prepared(self) -> Prepared:
        """The data it was trained on, split and encoded.

        Raises:
          RunError: the run was loaded and its data cannot be found again.
        """
        return self._data()

    @property
    def program(self) -> tuple[Program, Hyper]:
        """The compiled program that trained it, and the program's traced numbers."""
        return self._judge()

    @property
    def path(self) -> Path | None:
        """The run's folder, or None when it was not saved."""
        return None if self._folder is None else self._folder.path

    @cached_property
    def controls(self) -> Controls:
        """The controls trained with; no "auto" is left."""
        return Controls(**self.record["controls"])

    @property
    def status(self) -> str:
        """ "done", "stopped" (interrupted) or "failed"."""
        return self.record["status"]

    @property
    def seed(self) -> int:
        """The seed of weights, order and dropout."""
        return self.record["seed"]

    @property
    def dataset_fingerprint(self) -> str:
        """SHA-256 of the data trained on."""
        return self.record["data"]["fingerprint"]

    @cached_property
    def history(self) -> pl.DataFrame:
        """A row an epoch: epoch, step, train and dev loss and metric, learning_rate, seconds.

        The train columns are means over the epoch's batches, taken while the weights moved; the losses carry no
        penalty, and the metrics weigh rows as the losses do. A regression's losses are on the standardized target.
        """
        if self._records is None:
            return self._opened().read_frame("history")
        return pl.DataFrame(self._records.history)

    @cached_property
    def trace(self) -> pl.DataFrame:
        """A row a probe and layer: step, layer, and the statistics of :func:`netwright.watch.probe.probe`."""
        if self._records is None:
            return self._opened().read_frame("trace")
        layers = layers_of(self.program[0].plan.trained.of(self.predictor.params))
        values = np.asarray(self._records.trace).reshape(-1, len(STATISTICS))
        steps = np.repeat(np.asarray(self._records.trace_steps, np.int64), len(layers))
        columns = {"step": steps, "layer": layers * len(self._records.trace_steps)}
        return pl.DataFrame(columns | {name: values[:, i] for i, name in enumerate(STATISTICS)})

    @cached_property
    def model(self) -> nnx.Module:
        """The trained module, in evaluation mode."""
        model = self.predictor.skeleton.merge(self.predictor.params, self.predictor.rest)
        model.eval()
        return model

    @property
    def summary(self) -> Summary:
        """The layers with their shapes and parameter counts; print it."""
        return summary(self.predictor.params)

    @property
    def sparsity(self) -> pl.DataFrame:
        """A row a kernel: layer, weights, zeros, zero_fraction; L1 makes weights exactly 0."""
        return sparsity(self.predictor.params)

    @property
    def used_features(self) -> list[str]:
        """The encoded input columns that the first layer still reads; L1 on a linear model selects them."""
        return used_features(self.predictor.params, self.predictor.encoder.feature_names)

    def predict(self, X: Any, *, threshold: float = 0.5) -> Any:
        """Return labels (m,) in the target's own type, or values in its own units; of several targets by name.

        Args:
          X: features as in training: an array (m, n) or a frame with the same columns.
          threshold: for two classes, the probability above which the second is predicted.

        Raises:
          DataError: columns are missing, unknown or of another kind than in training.
        """
        outputs = self.predictor.outputs(X, "predict")
        if self.targets:
            return {name: part.labels(own, threshold) for name, part, own in self.predictor.apart(outputs)}
        return self.predictor.labels(outputs, threshold)

    def predict_proba(self, X: Any) -> Any:
        """Return class probabilities (m, K); columns follow :attr:`classes`. Of several targets those with classes."""
        outputs = self.predictor.outputs(X, "predict_proba")
        if not self.targets:
            return self.predictor.probabilities(outputs)
        return {
            name: part.probabilities(own)
            for name, part, own in self.predictor.apart(outputs)
            if part.task != "regression"
        }

    @property
    def targets(self) -> list[str]:
        """The names of several targets; empty of one."""
        return [name for name, _ in self.predictor.target.heads]

    @property
    def classes(self) -> Any:
        """The labels in the order of the probabilities' columns; None for regression. Of several targets by name."""
        target = self.predictor.target
        if isinstance(target, TargetsEncoder):
            return {name: part.classes for name, part in target.parts.items()}
        return target.classes

    def evaluate(self, what: "str | Dataset | tuple[Any, ...]" = "test") -> dict[str, float]:
        """Return the loss and the task's metrics; of several targets those of each, as ``accuracy.income``.

        Opening the test set is counted in the run's record.

        Args:
          what: "train", "train_dev", "dev" or "test" rows, another data set, or arrays (X, y) or (X, y, weight). Of
            several targets y is a dictionary, or a frame, with each by its name; None or NaN where a row lacks one.

        Raises:
          RunError: the split is empty, or the run was loaded and its data cannot be found again.
          DataError: other rows lack a column, hold a label that training never saw, or are not as many as targets.
        """
        if isinstance(what, str):
            return self._scores(self.rows(what), device_budget())
        if isinstance(what, Dataset):
            everything = np.arange(len(what))
            what = (what.features.content, what.labels.labels(everything), what.weight)
        arrays: Any = what
        if not isinstance(arrays, tuple | list) or len(arrays) not in (2, 3):
            raise DataError(
                f"evaluate: found a {type(arrays).__name__}, expected 'train', 'dev', 'test', a data set, "
                "or (X, y) or (X, y, weight)"
            )
        X, y, *weight = arrays
        predictor = self.predictor
        codes = predictor.target.encode(y, source="evaluate")
        given = weight[0] if weight and weight[0] is not None else np.ones(len(codes))
        given = checked_weights(given, len(codes), "evaluate: weight")
        encoded = Encoded(predictor.encoder, X, "evaluate")
        if len(encoded) != len(codes):
            raise DataError(
                f"evaluate: found {len(encoded)} rows of features and {len(codes)} of targets, expected as many"
            )
        large = encoded.nbytes > KEPT_BYTES and len(encoded) > block_rows(predictor.encoder.layout)
        x: Any = encoded if large else encoded[:]
        return self._scores(Arrays(x, codes, np.asarray(given, np.float32)), 0)

    def rows(self, what: str) -> Arrays:
        """Return a split, encoded; opening the test set is counted in the run's record.

        Raises:
          RunError: there is no such split, it is empty, or the run's data cannot be found again.
        """
        if what not in ALL_PARTS:
            raise RunError(
                f"evaluate: found '{what}', expected 'train', 'train_dev', 'dev', 'test' or a data set"
            )
        arrays: Arrays | None = getattr(self._data(), what)
        if arrays is None:
            raise RunError(f"evaluate: there are no {what} rows; the split left none (data.{what}_fraction)")
        if what == "test":
            self._count_opening()
        return arrays

    def confusion_matrix(self, what: str = "dev") -> pl.DataFrame:
        """Return counts of a split: a row a true class, a column a predicted class.

        Raises:
          ControlError: the task is regression.
        """
        classes = self._classes()
        arrays = self.rows(what)
        codes = self.predictor.codes(self.predictor.outputs_of(arrays.x))
        counts = np.zeros((len(classes), len(classes)), np.int64)
        np.add.at(counts, (arrays.y.astype(np.int64), codes), 1)
        return pl.DataFrame(
            {"true \\ predicted": [str(c) for c in classes]}
            | {str(c): counts[:, k] for k, c in enumerate(classes)}
        )

    def calibrate(self, what: str = "dev") -> float:
        """Fit a temperature on a held-out split, use it in :meth:`predict_proba` from now on, and return it.

        Predicted labels stay as they are (for two classes, at the threshold 0.5).
        """
        from netwright.train.calibrate import fit_temperature  # start-up cost: scipy.optimize takes 0.4 s

        self._classes()
        arrays = self.rows(what)
        outputs = self.predictor.outputs_of(arrays.x)
        self.predictor.require_probabilities()
        temperature = fit_temperature(outputs, arrays.y, arrays.weight)
        self.predictor = replace(self.predictor, temperature=temperature)
        if self._folder is not None:
            self.save(self._folder.path)
        return temperature

    def save(self, path: str | Path) -> None:
        """Write the run to a folder: its record, its model, its history and trace.

        Raises:
          FolderTakenError: the folder holds something else than a run.
        """
        folder = RunFolder(Path(path))
        if not (folder.path / "run.json").exists():
            folder.check_free()
        params, rest = to_host(self.predictor.params), to_host(self.predictor.rest)
        config = {
            "task": self.record["task"],
            "model": self.record["model"],
            "loss": self.record["controls"]["loss"],
            "temperature": self.predictor.temperature,
        }
        preprocess = {"encoder": self.predictor.encoder.to_json(), "target": self.predictor.target.to_json()}
        weights = {f"params.{name}": a for name, a in params.items()} | {
            f"rest.{name}": a for name, a in rest.items()
        }
        folder.write_frames(self.history, self.trace)
        encoder = self.predictor.encoder
        backbone = encoder.weights() if isinstance(encoder, FeatureEncoder) else None
        folder.write_model(config, weights, preprocess, encoder.tokenizer, backbone)
        folder.write_record(self.record)
        self._folder = folder

    def __repr__(self) -> str:
        best = self.record.get("best_epoch")
        reason = self.record.get("reason", "not saved whole")
        text = f"Run({self.record['data']['name']!r}, {self.record['task']}, {self.status}: {reason}"
        return text + (f", best epoch {best})" if best is not None else ")")

    def _scores(self, arrays: Arrays, budget: int) -> dict[str, float]:
        from netwright.train.scores import scores  # start-up cost: scikit-learn is imported to evaluate only

        program, hyper = self._judge()
        predictor = self.predictor
        tally = program.judge(
            hyper, predictor.params, predictor.rest, Rows(arrays, budget, program.plan.block)
        )
        return losses_in(program.plan, hyper, tally) | scores(predictor, arrays)

    def _classes(self) -> list[Any]:
        if self.targets:
            raise ControlError(
                f"the run has {len(self.targets)} targets; ask for one: run.of({self.targets[0]!r})"
            )
        if self.classes is None:
            raise ControlError(
                f"the task of {self.record['data']['name']} is regression, which has no classes"
            )
        return self.classes

    def _count_opening(self) -> None:
        self.record["test_openings"] = self.record.get("test_openings", 0) + 1
        if self._folder is not None:
            self._folder.write_record(self.record)

    def _opened(self) -> RunFolder:
        assert self._folder is not None, "a run without records was read from a folder"
        return self._folder
