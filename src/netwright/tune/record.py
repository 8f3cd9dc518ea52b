"""What a storage says about a study: what was asked, and the trials as a table."""

import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
import polars as pl
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

import netwright
from netwright.core.errors import RunError
from netwright.tune.dimensions import Choice, Dimension, Int
from netwright.tune.space import Space

NUMBERS = {"epochs": pl.Int64, "compute": pl.Int64, "rung": pl.Int64, "seed": pl.UInt32} | dict.fromkeys(
    ("dev", "train", "dev_loss", "seconds"), pl.Float64
)
"""The columns of a trial that are numbers."""


def begin(storage: BaseStorage, name: str, asked: Mapping[str, Any], place: str) -> optuna.Study:
    """Return a study, made now or begun with the same question before.

    Args:
      asked: by name, what makes two studies the same; place: what the study is called in messages.

    Raises:
      RunError: the study there is another; the message says in what.
    """
    study = optuna.create_study(storage=storage, study_name=name, direction="minimize", load_if_exists=True)
    found = study.user_attrs
    for what, value in asked.items():
        if what not in found:
            study.set_user_attr(what, value)
        elif found[what] != value:
            raise RunError(
                f"{place}: was begun with different {what}{_difference(found[what], value)}; choose another --out, or "
                "ask for the same"
            )
    version = found.get("version", netwright.__version__)
    if "version" not in found:
        study.set_user_attr("version", version)
    elif version != netwright.__version__:
        warnings.warn(
            f"{place}: was begun with netwright {version}, this is {netwright.__version__}", stacklevel=2
        )
    return study


def table_of(trials: Sequence[FrozenTrial], space: Space) -> pl.DataFrame:
    """Return a row a trial: number, state, value, a column a hyperparameter, and what is told of it.

    A trial under way has the value and the epochs of its last rung. Choices that are lists are JSON texts.
    """
    columns: dict[str, pl.Series] = {
        "number": pl.Series([trial.number for trial in trials], dtype=pl.Int64),
        "state": pl.Series([trial.state.name for trial in trials], dtype=pl.String),
        "value": pl.Series([_value(trial) for trial in trials], dtype=pl.Float64),
    }
    for name, dimension in space.dimensions.items():
        columns[name] = _column([trial.params.get(name) for trial in trials], dimension)
    told = [_under_way(trial) | trial.user_attrs for trial in trials]
    for name, dtype in NUMBERS.items():
        columns[name] = pl.Series([each.get(name) for each in told], dtype=dtype)
    columns["curve"] = pl.Series([each.get("curve") for each in told], dtype=pl.List(pl.Float64))
    columns["reason"] = pl.Series([each.get("reason", "") for each in told], dtype=pl.String)
    return pl.DataFrame(columns)


def _column(values: list[Any], dimension: Dimension) -> pl.Series:
    if not isinstance(dimension, Choice):
        return pl.Series(values, dtype=pl.Int64 if isinstance(dimension, Int) else pl.Float64)
    kinds = {type(value) for value in dimension.stored if value is not None}
    dtypes = {bool: pl.Boolean, int: pl.Int64, float: pl.Float64, str: pl.String}
    return pl.Series(values, dtype=dtypes[kinds.pop()] if len(kinds) == 1 else pl.Object)


def _value(trial: FrozenTrial) -> float | None:
    if trial.state == TrialState.COMPLETE:
        return trial.value
    rungs = trial.intermediate_values
    return rungs[max(rungs)] if rungs else None


def _under_way(trial: FrozenTrial) -> dict[str, Any]:
    rungs = trial.intermediate_values
    return {"epochs": max(rungs), "rung": max(rungs)} if rungs else {}


def _difference(found: Any, wanted: Any) -> str:
    """Say in what two answers differ, as far as that can be read: a fingerprint cannot."""
    if not isinstance(found, str):
        return f" ({found}, now {wanted})"
    try:
        before, now = json.loads(found), json.loads(wanted)
    except ValueError:
        return f" ({found}, now {wanted})" if max(len(found), len(wanted)) < 40 else ""
    names = [name for name in before | now if before.get(name) != now.get(name)]
    return f" ({', '.join(names)})"
