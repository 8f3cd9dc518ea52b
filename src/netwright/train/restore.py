"""Reading runs back from their folders. Nothing in a folder is executed."""

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import optax
from flax import nnx

from netwright.core import tensors
from netwright.core.controls import Controls
from netwright.core.errors import RunError
from netwright.core.names import listed
from netwright.data.dataset import Dataset
from netwright.data.encoder import Encoder
from netwright.data.origin import reopen
from netwright.data.prepared import Prepared
from netwright.data.targets_encoder import target_encoder_of
from netwright.models import ModelSpec
from netwright.nn.skeleton import Arrays, Skeleton
from netwright.train.block import block_rows
from netwright.train.compile_cache import use_compile_cache
from netwright.train.folder import RunFolder, versions
from netwright.train.goals import METRIC_OF_TASK, goals_of
from netwright.train.plan import Hyper, hyper_of, make_plan
from netwright.train.predictor import Predictor
from netwright.train.pretrained import fingerprint_of
from netwright.train.program import Program, program
from netwright.train.run import Run
from netwright.train.setup import abstract_weights, skeleton_of, weights_of
from netwright.train.single import prepared_alone
from netwright.train.snapshot import host_shapes, to_device
from netwright.transfer.restored import read_features

LARGEST_WIDTH = 2**20


def load(
    path: str | Path, *, model: nnx.Module | None = None, loss: Any = None, dataset: Dataset | None = None
) -> Run:
    """Read a finished run from its folder.

    Args:
      path: the folder.
      model: for a run of a module of your own, a module of the same structure.
      loss: for a run with a loss of your own, that loss (only ``evaluate`` needs it).
      dataset: the data, when it was not read from a file (only ``evaluate`` on a split needs it).

    Raises:
      RunError: no run, no model yet, damaged files, an unknown version, tensors of another model.
    """
    use_compile_cache()
    folder = RunFolder.open(Path(path))
    record = folder.record()
    config, preprocess = folder.read_model()
    controls = controls_of(folder, record)
    skeleton, params, rest = _weights(folder, config, model)
    try:
        encoder, target = _encoder(folder, preprocess["encoder"]), target_encoder_of(preprocess["target"])
        predictor = Predictor(
            skeleton,
            params,
            rest,
            encoder,
            target,
            config["task"],
            config["loss"],
            float(config["temperature"]),
        )
        spec = None if config["model"] is None else ModelSpec.from_json(config["model"])
        if spec is not None and (spec.layout, spec.targets) != (encoder.layout, target.heads):
            raise ValueError("config.json describes other inputs or targets")
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{folder.path}: damaged record or preprocess.json ({error!r}); restore it or train again"
        ) from None

    @cache
    def data() -> Prepared:
        # A backbone's encoder is the run's own: the backbone itself need not be there any more.
        fit = None if controls.architecture.backbone is None else lambda *_: encoder
        embeddings = record["model"] is not None
        prepared = data_of(record, dataset).prepare(controls.data, embeddings=embeddings, fit=fit)
        return prepared_alone(prepared, record["target"]) if "target" in record else prepared

    @cache
    def judge() -> tuple[Program, Hyper]:
        rows, task = record["rows"]["train"], record["task"]
        if controls.loss == "custom" and loss is None:
            raise RunError(f"{folder.path}: trained with a loss of your own; pass it as loss= to nw.load")
        # Judging takes no step, so any rule will do in place of a user's own.
        rule = optax.identity() if controls.optimization.rule == "custom" else None
        metric = METRIC_OF_TASK[task]
        plan = make_plan(
            controls,
            skeleton,
            task=task,
            metric=metric,
            rows=rows,
            loss=loss,
            rule=rule,
            goals=goals_of(target),
            block=block_rows(predictor.encoder.layout),
        )
        return program(plan), hyper_of(controls, rows=rows)

    return Run(predictor, record, data=data, judge=judge, folder=folder)


def controls_of(folder: RunFolder, record: dict[str, Any]) -> Controls:
    """Return the controls of a record.

    Raises:
      RunError: the record is damaged.
    """
    try:
        return Controls(**record["controls"])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{folder.path}/run.json: damaged ({error}); restore it or train again") from None


class OtherRoundingWarning(UserWarning):
    """A run goes on with other versions, or on another number of devices, than those that began it."""


def warn_of_changes(folder: RunFolder, record: dict[str, Any], devices: int) -> None:
    """Warn when a run goes on with what may round otherwise: then the same numbers are not promised."""
    began = {**record.get("versions", {}), "devices:": record.get("devices", 1)}
    now = {**versions(), "devices:": devices}
    changed = [name for name in now if began.get(name) != now[name]]
    if changed:
        then, here = (listed(f"{name} {of.get(name)}" for name in changed) for of in (began, now))
        warnings.warn(
            f"{folder.path}: begun with {then}, goes on with {here}; it may round otherwise, so it need not end "
            "bit for bit as one that was never stopped",
            OtherRoundingWarning,
            stacklevel=3,
        )


def check_backbone(folder: RunFolder, record: dict[str, Any], controls: Controls) -> None:
    """Refuse to go on with another backbone than the one that a run began with.

    Raises:
      RunError: its weights, settings or preprocessing have changed.
    """
    if record.get("backbone") != fingerprint_of(controls.architecture):
        raise RunError(
            f"{folder.path}: the backbone '{controls.architecture.backbone}' has changed since the run began (its "
            "fingerprint differs); train anew"
        )


def data_of(record: dict[str, Any], dataset: Dataset | None) -> Dataset:
    """Return the data a run was trained on, checked by its fingerprint.

    Raises:
      RunError: the data cannot be found again, or is not the same any more.
    """
    name, origin = record["data"]["name"], record["data"]["origin"]
    if dataset is None and origin is None:
        raise RunError(
            f"the data '{name}' was not read from a file; pass it as dataset= to nw.load, or to nw.resume"
        )
    dataset = dataset or reopen(origin)
    if dataset.fingerprint != record["data"]["fingerprint"]:
        raise RunError(
            f"the data '{name}' has changed since the run began (its fingerprint differs); train anew"
        )
    return dataset


def _weights(
    folder: RunFolder, config: dict[str, Any], model: nnx.Module | None
) -> tuple[Skeleton, Arrays, Arrays]:
    if config.get("model") is None and model is None:
        raise RunError(
            f"{folder.path}: trained with a module of your own; pass one of the same structure as model="
        )
    if model is not None:
        skeleton, expected = weights_of(model)
    else:
        skeleton, expected = _built(folder, _spec(folder, config["model"]))
    path = folder.weights_file()
    found, _ = tensors.load(path)
    shapes = {f"params.{name}": a for name, a in expected[0].items()}
    shapes |= {f"rest.{name}": a for name, a in expected[1].items()}
    stored = host_shapes(shapes)
    tensors.check_shapes(path, found, {name: tensors.shape_of(a) for name, a in stored.items()})
    arrays = to_device({name: found[name] for name in shapes}, shapes)
    params = {name: arrays[f"params.{name}"] for name in expected[0]}
    return skeleton, params, {name: arrays[f"rest.{name}"] for name in expected[1]}


def _encoder(folder: RunFolder, fields: dict[str, Any]) -> Encoder:
    tokenizer = folder.read_tokenizer()
    if fields.get("encoder") == "features":
        return read_features(fields, tokenizer, folder.backbone_file())
    return Encoder.from_json({**fields, "tokenizer": tokenizer})


def _built(folder: RunFolder, spec: ModelSpec) -> tuple[Skeleton, tuple[Arrays, Arrays]]:
    try:
        return skeleton_of(spec), abstract_weights(spec)
    except (TypeError, ValueError) as error:
        raise RunError(
            f"{folder.path}/model/config.json: damaged ({error}); restore it or train again"
        ) from None


def _spec(folder: RunFolder, fields: Any) -> ModelSpec:
    try:
        spec = ModelSpec.from_json(fields)
        # JSON may hold anything, whatever the spec's annotations say.
        widths: list[Any] = []
        for one in (spec, *spec.members):
            heads = [n for _, n in one.targets]
            widths += [one.layout.size, one.n_out, *heads, *one.hidden, *one.layout.levels]
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{folder.path}/model/config.json: damaged ({error!r}); restore it or train again"
        ) from None
    if not all(isinstance(width, int) and 0 < width <= LARGEST_WIDTH for width in widths):
        raise RunError(f"{folder.path}/model/config.json: widths {widths} are not those of a model; refused")
    return spec
