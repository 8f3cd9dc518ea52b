"""One target of several: the run, or the data, of that target alone."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from netwright.core.controls import Controls, EarlyStopping, Targets
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest
from netwright.data.prepared import Prepared
from netwright.data.splits import Splits
from netwright.data.target import Target
from netwright.data.targets import Targets as Labels
from netwright.data.targets_encoder import TargetsEncoder
from netwright.models import ModelSpec
from netwright.models._output import in_single
from netwright.train.block import block_rows
from netwright.train.goals import LOSS_OF_TASK, METRIC_OF_TASK
from netwright.train.plan import Hyper, hyper_of, make_plan
from netwright.train.predictor import Predictor
from netwright.train.program import Program, program
from netwright.train.setup import skeleton_of
from netwright.train.snapshot import Records
from netwright.watch.probe import STATISTICS, layers_of


def of(run: Any, target: str) -> Any:
    """Return a run's trunk with the head of one target: an ordinary run of that target alone.

    It predicts and is judged, diagnosed, reported, exported and saved like any run of one target, on the rows that
    have the target. Its history and trace are those of the training on all targets. What trains it again, as some
    measurements of a diagnosis do, trains it alone.

    Args:
      run: of several targets.
      target: the name of one.

    Raises:
      ControlError: the run has no such target, or trains a module of a user's own, whose heads are not known.
    """
    encoder = run.predictor.target
    if not isinstance(encoder, TargetsEncoder):
        raise ControlError(f"of: the run has one target, it is that of '{target}' already; use it as it is")
    names = list(encoder.parts)
    if target not in names:
        raise ControlError(
            f"of: the run has no target '{target}'{nearest(target, names) or ';'} Targets: {listed(names)}."
        )
    if run.record["model"] is None:
        raise ControlError("of: the run trains a module of your own, whose heads netwright does not know")
    place, part = names.index(target), encoder.parts[target]
    spec = spec_alone(ModelSpec.from_json(run.record["model"]), part.n_out)
    controls = controls_alone(run.controls, part.task)
    params = {in_single(name, place): array for name, array in run.predictor.params.items()}
    params = {name: array for name, array in params.items() if name is not None}
    skeleton = skeleton_of(spec)
    predictor = replace(
        run.predictor, skeleton=skeleton, params=params, target=part, task=part.task, loss=controls.loss
    )
    record = {**run.record, "task": part.task, "target": target, "model": spec.to_json()}
    record |= {"controls": controls.model_dump(mode="json")}

    @cache
    def judge() -> tuple[Program, Hyper]:
        rows = run.record["rows"]["train"]
        metric = METRIC_OF_TASK[part.task]
        plan = make_plan(
            controls,
            skeleton,
            task=part.task,
            metric=metric,
            rows=rows,
            block=block_rows(run.predictor.encoder.layout),
        )
        return program(plan), hyper_of(controls, rows=rows)

    records = Records(_history(run, target), *_trace(run, predictor, place))
    data = cache(lambda: prepared_alone(run.prepared, target))
    return type(run)(predictor, record, data=data, judge=judge, records=records)


def prepared_alone(prepared: Prepared, target: str) -> Prepared:
    """Return the data of one of several targets: the rows of each part that have it, encoded as they were."""
    encoder, labels = prepared.target, prepared.labels
    assert isinstance(encoder, TargetsEncoder), "several targets"
    assert isinstance(labels, Labels), "several targets"
    found, rows = labels.of(target)
    values = np.zeros(len(labels.values), found.values.dtype)
    values[rows] = found.values
    known = np.zeros(len(values), bool)
    known[rows] = True
    parts = {name: part[known[part]] for name, part in vars(prepared.splits).items()}
    alone = Target(target, found.task, values, found.classes)
    return replace(
        prepared, task=found.task, target=encoder.parts[target], labels=alone, splits=Splits(**parts)
    )


def spec_alone(spec: ModelSpec, n_out: int) -> ModelSpec:
    """Return the spec of the same trunk with the head of one target."""
    members = tuple(replace(member, n_out=n_out, targets=()) for member in spec.members)
    return replace(spec, n_out=n_out, targets=(), members=members)


def controls_alone(controls: Controls, task: str) -> Controls:
    """Return resolved controls of several targets as those of one of them, of this task."""
    regularization, stopping = controls.regularization, controls.regularization.early_stopping
    if isinstance(stopping, EarlyStopping):
        regularization = regularization.replace(early_stopping=stopping.replace(target=None))
    if task == "regression":
        regularization = regularization.replace(label_smoothing=0.0)
    return controls.replace(
        loss=LOSS_OF_TASK[task],
        optimization=controls.optimization.replace(targets=Targets()),
        regularization=regularization,
    )


def _history(run: Any, target: str) -> list[dict[str, Any]]:
    """Return the rows of the history with the losses and metrics of one target."""
    kept = ("epoch", "step", "learning_rate", "seconds")
    found: list[dict[str, Any]] = []
    for row in run.history.to_dicts():
        own = {name.removesuffix(f".{target}"): v for name, v in row.items() if name.endswith(f".{target}")}
        own.pop("weight", None)
        shared = {name: row[name] for name in kept}
        found.append({"epoch": shared.pop("epoch"), "step": shared.pop("step"), **own, **shared})
    return found


def _trace(run: Any, predictor: Predictor, place: int) -> tuple[list[int], list[np.ndarray]]:
    """Return the steps probed, and the statistics of the layers of one target's model."""
    names = {layer: in_single(f"{layer}.kernel", place) for layer in run.trace["layer"].unique().to_list()}
    own = {layer: name.rpartition(".")[0] for layer, name in names.items() if name is not None}
    layers = [layer for layer in layers_of(predictor.params) if layer in own.values()]
    rows: dict[int, dict[str, list[float]]] = {}
    for row in run.trace.filter(run.trace["layer"].is_in(list(own))).to_dicts():
        rows.setdefault(row["step"], {})[own[row["layer"]]] = [row[name] for name in STATISTICS]
    blank = [float("nan")] * len(STATISTICS)
    trace = [np.array([found.get(layer, blank) for layer in layers], np.float32) for found in rows.values()]
    return list(rows), trace
