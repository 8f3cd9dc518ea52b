"""Controls: five independent groups that say everything about a training run except the data.

Every field holds a concrete value or ``"auto"``: :func:`netwright.fit` replaces each ``"auto"`` by a value
suited to the data and records the result. Only ``initialization.kernel`` keeps its ``"auto"``, which follows the
activation of each layer.
"""

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.core.names import listed, nearest

Auto = Literal["auto"]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]


class Group(BaseModel):
    """A validated, immutable group of controls; an unknown field is refused with the nearest name."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    group: ClassVar[str] = ""

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise ControlError(_one_line(type(self), error)) from None

    def replace(self, **fields: Any) -> Self:
        """Return a copy with some fields changed, validated again."""
        known = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(known | (self.__pydantic_extra__ or {}) | fields))


class Architecture(Group):
    """What is computed. ``hidden`` lists the widths of the hidden layers; ``()`` is logistic/linear regression.

    In a "cnn" they are the channels of each convolution, and a pooling ends each run of equal ones; in a "resnet"
    the channels of each stage of ``blocks`` residual blocks. Convolutions are ``kernel_size`` pixels wide and high;
    ``head`` lists the widths of dense layers between the last map and the output.

    For an rnn, lstm or gru, ``hidden`` has the units of each layer, in each direction if ``bidirectional``; for a
    transformer the features of each block, all equal and a multiple of its attention ``heads``.

    ``backbone`` names a pretrained network: a folder, an asset such as "minilm", or an id of the model hub. Under it
    ``kind`` is what stands on its features, "logistic" or "mlp". With ``transfer="features"`` it stays as it is, and
    its features are computed once; with "finetune" it is trained further, as the model's "body". ``statistics`` says
    what becomes of the running averages of its batch normalizations then: "frozen" ones serve in training, too.
    """

    group: ClassVar[str] = "architecture"
    kind: str = "auto"
    hidden: tuple[int, ...] | Auto = "auto"
    activation: str = "relu"
    batch_norm: bool | Auto = "auto"
    kernel_size: Count = 3
    blocks: Count | Auto = "auto"
    heads: Count = 4
    bidirectional: bool | Auto = "auto"
    head: tuple[int, ...] | Auto = "auto"
    backbone: str | None = None
    transfer: Literal["features", "finetune"] = "features"
    statistics: Literal["frozen", "adapted"] = "frozen"

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        return kind if kind == "auto" else catalog.check("models", kind, "architecture.kind")

    @field_validator("activation")
    @classmethod
    def _known_activation(cls, activation: str) -> str:
        return catalog.check("nn.activations", activation, "architecture.activation")

    @field_validator("hidden", "head")
    @classmethod
    def _positive_widths(cls, widths: tuple[int, ...] | Auto) -> tuple[int, ...] | Auto:
        if widths != "auto" and any(width < 1 for width in widths):
            raise ValueError(
                f"a width is below 1 in {list(widths)}; every hidden layer needs at least 1 unit"
            )
        return widths


class Initialization(Group):
    """Where the weights start. ``scale`` is s of N(0, s²) and U(−s, s); ``bias`` is a constant."""

    group: ClassVar[str] = "initialization"
    kernel: str = "auto"
    scale: Positive | None = None
    bias: float = 0.0

    @field_validator("kernel")
    @classmethod
    def _known_kernel(cls, kernel: str) -> str:
        return (
            kernel if kernel == "auto" else catalog.check("nn.initializers", kernel, "initialization.kernel")
        )


class Schedule(Group):
    """How the learning rate moves. ``kind`` names a schedule; its other numbers are its parameters.

    Lengths (``every``, ``period``) are in epochs and ``k`` is per epoch, so that a schedule keeps its shape
    when the batch size changes; :mod:`netwright.schedules` counts in steps. ``warmup`` is the length in epochs
    of a linear warm-up before any of them; the schedule then runs over the epochs that are left.
    """

    group: ClassVar[str] = "schedule"
    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    kind: str = "auto"
    warmup: NonNegative = 0.0
    __pydantic_extra__: dict[str, float] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        return (
            kind if kind == "auto" else catalog.check("optim.schedules", kind, "optimization.schedule.kind")
        )

    @property
    def parameters(self) -> dict[str, float]:
        """The schedule's own numbers, by name."""
        return dict(self.__pydantic_extra__ or {})


class Targets(Group):
    """How several targets share a training, ``J = Σ λ_i J_i``; with one target it says nothing.

    ``weights`` are the factors λ by target, 1 where it is not named. ``weighting`` says what becomes of them: "fixed"
    keeps them, "uncertainty" divides each loss by the noise expected in it, "gradnorm" lets all targets train at a
    like pace, the more so the larger ``alpha``, and "pcgrad" projects gradients off those that they conflict with.
    The last two take a backward pass for each target.
    """

    group: ClassVar[str] = "targets"
    weighting: str = "fixed"
    weights: dict[str, Positive] = {}
    alpha: NonNegative = 1.5

    @field_validator("weighting")
    @classmethod
    def _known_weighting(cls, weighting: str) -> str:
        return catalog.check("optim.weightings", weighting, "optimization.targets.weighting")


class Optimization(Group):
    """How the cost is minimized. ``options`` are the rule's own hyperparameters, such as ``{"beta1": 0.8}``.

    Some parameters may be treated apart, by patterns of their names: "body" and "body.*" mean all within the body.
    ``freeze`` leaves parameters, and running averages of batch normalization, as they are; the last pattern that
    fits decides, and one that begins with "!" takes out again. ``unfreeze`` gives the epoch from which on
    parameters learn, ``rates`` a factor on their learning rate; the first pattern that fits decides.
    """

    group: ClassVar[str] = "optimization"
    rule: str = "auto"
    options: dict[str, float | str] = {}
    learning_rate: Positive | Auto = "auto"
    schedule: Schedule | Auto = "auto"
    batch_size: Count | Literal["full", "auto"] = "auto"
    epochs: Count | Auto = "auto"
    clip_norm: Positive | None = None
    clip_value: Positive | None = None
    tolerance: NonNegative | None = None
    precision: Literal["auto", "float32", "mixed"] = "auto"
    freeze: tuple[str, ...] = ()
    unfreeze: dict[str, NonNegative] = {}
    rates: dict[str, Positive] | Auto = "auto"
    targets: Targets = Targets()

    @field_validator("rule")
    @classmethod
    def _known_rule(cls, rule: str) -> str:
        return rule if rule in ("auto", "custom") else catalog.check("optim.rules", rule, "optimization.rule")

    @field_validator("options", mode="before")
    @classmethod
    def _numbers(cls, options: Any) -> Any:
        # YAML takes 1e-3, which has no point, for a text.
        return {k: _number(v) for k, v in options.items()} if isinstance(options, dict) else options

    @field_validator("schedule", mode="before")
    @classmethod
    def _named_schedule(cls, schedule: Any) -> Any:
        return Schedule(kind=schedule) if isinstance(schedule, str) and schedule != "auto" else schedule


class EarlyStopping(Group):
    """Stop after ``patience`` epochs in which the dev loss did not fall by more than ``min_delta``.

    Of several targets the sum of their losses decides, each times its factor; or the loss of the one that ``target``
    names, when the others are there to help it.
    """

    group: ClassVar[str] = "early_stopping"
    patience: Count = 10
    min_delta: NonNegative = 0.0
    restore_best: bool = True
    target: str | None = None


class Regularization(Group):
    """What is paid for complexity. Penalties touch kernels only, never biases or normalization scales.

    ``l1`` is a proximal step: each weight shrinks by rate · l1 after the rule's own step, and stops at 0. Under
    "sgd", "momentum" and "nesterov" that solves the penalized cost and leaves exact zeros; rules that divide by
    the gradient's size ("adam", "adamw", "rmsprop") weigh it differently and leave fewer. ``l2`` enters the
    gradient; ``weight_decay`` acts beside the rule, and only under plain rules are the two the same.

    Images can look a little different at every step: ``flip`` mirrors half of them, ``crop`` moves each by up to so
    many pixels, ``cutout`` hides a square of so many pixels a side. ``mixup`` mixes each example, of any numbers,
    with another by a share drawn from Beta(mixup, mixup).
    """

    group: ClassVar[str] = "regularization"
    l1: NonNegative = 0.0
    l2: NonNegative = 0.0
    weight_decay: NonNegative | Auto = "auto"
    dropout: Fraction | Auto = "auto"
    dropout_scaling: Literal["train", "inference"] = "train"
    label_smoothing: Fraction = 0.0
    flip: Literal["none", "horizontal", "vertical", "both"] = "none"
    crop: Annotated[int, Field(ge=0)] | Auto = "auto"
    cutout: Annotated[int, Field(ge=0)] = 0
    mixup: NonNegative = 0.0
    early_stopping: EarlyStopping | Auto | None = "auto"


class DataControls(Group):
    """How rows are split and encoded. Everything fitted here is fitted on the training rows only.

    ``split_column`` names the column that holds the groups (a group never straddles two splits) or the time
    (dev and test are the latest rows). Categories become one-hot columns, or learned embeddings when a column
    has more than 12 levels, unless ``categories`` says otherwise; a level seen in fewer than ``rare_level``
    training rows shares one "rare" level with levels never seen. ``train_dev_fraction`` of the training rows are
    kept out of training to judge by: against dev rows of another distribution they tell shift from variance.
    ``image_size`` is the side, or (height, width), in pixels to which images are brought; left to the data it is
    the size most of them have, at most 128. ``length`` is how many steps of a sequence, or words of a text, are read;
    left to the data the longest training one decides, up to 1,024 steps and 512 words, and in fine-tuning a length
    that 99 % of the training texts do not pass. ``vocabulary`` is how many words are told apart at most, by default
    20,000.
    """

    group: ClassVar[str] = "data"
    normalize: Literal["standard", "minmax", "none"] = "standard"
    normalize_target: bool = True
    shuffle: bool = True
    class_weight: Literal["balanced"] | dict[str, float] | None = None
    dev_fraction: Fraction = 0.15
    test_fraction: Fraction = 0.15
    train_dev_fraction: Fraction = 0.0
    split: Literal["random", "group", "time"] = "random"
    split_column: str | None = None
    split_seed: Annotated[int, Field(ge=0)] = 0
    categories: Literal["auto", "onehot", "embedding"] = "auto"
    rare_level: Count = 10
    missing_indicator: bool = True
    image_size: Count | tuple[Count, Count] | Auto = "auto"
    length: Count | Auto = "auto"
    vocabulary: Annotated[int, Field(ge=3)] | Auto = "auto"

    @field_validator("class_weight", mode="before")
    @classmethod
    def _labels_as_text(cls, class_weight: Any) -> Any:
        """Let labels be written in their own type, {0: 1, 1: 5}; they are looked up by their text."""
        if isinstance(class_weight, dict):
            return {str(label): weight for label, weight in class_weight.items()}
        return class_weight


class Controls(Group):
    """All the controls of a training run.

    Raises:
      ControlError: a field is unknown (the nearest name is given), out of range, or of the wrong type.
    """

    loss: str = "auto"
    architecture: Architecture = Architecture()
    initialization: Initialization = Initialization()
    optimization: Optimization = Optimization()
    regularization: Regularization = Regularization()
    data: DataControls = DataControls()

    @field_validator("loss")
    @classmethod
    def _known_loss(cls, loss: str) -> str:
        return loss if loss in ("auto", "custom") else catalog.check("losses", loss, "loss")

    def to_json(self) -> str:
        """Return the controls as JSON; :meth:`from_json` reads them back."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Controls":
        """Read controls from JSON text."""
        try:
            return cls._of(json.loads(text))
        except json.JSONDecodeError as error:
            raise ControlError(f"controls: not JSON: {error}") from None

    def to_yaml(self) -> str:
        """Return the controls as YAML; :meth:`from_file` reads a file of it."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)

    @classmethod
    def from_file(cls, path: str | Path) -> "Controls":
        """Read a ``.yaml``, ``.yml`` or ``.json`` file; groups and fields that it leaves out keep their defaults."""
        path = Path(path)
        try:
            fields = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ControlError(f"{path}: cannot be read ({error.strerror})") from None
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            raise ControlError(f"{path}: is not YAML or JSON: {' '.join(str(error).split())}") from None
        try:
            return cls._of(fields)
        except ControlError as error:
            raise ControlError(f"{path}: {error}") from None

    @classmethod
    def _of(cls, fields: Any) -> "Controls":
        if not isinstance(fields, dict):
            raise ControlError(
                f"found {type(fields).__name__}, expected groups such as 'optimization' (YAML or JSON)"
            )
        return cls(**{str(name): value for name, value in fields.items()})

    def with_setting(self, setting: str) -> "Controls":
        """Return a copy with one ``group.name=value`` applied; the value is read as YAML."""
        path, equals, text = setting.partition("=")
        parts = path.strip().split(".")
        if not equals or not all(parts):
            raise ControlError(f"--set {setting}: expected group.name=value, such as optimization.epochs=20")
        fields = self.model_dump()
        group: Any = fields
        for part in parts[:-1]:
            if not isinstance(group, dict) or part not in group:
                known = group if isinstance(group, dict) else {}
                raise ControlError(f"--set {setting}: no group '{part}'{nearest(part, known)}")
            if not isinstance(group[part], dict):
                group[part] = {}
            group = group[part]
        try:
            group[parts[-1]] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ControlError(f"--set {setting}: is not YAML: {' '.join(str(error).split())}") from None
        return Controls(**fields)


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _one_line(group: type[Group], error: ValidationError) -> str:
    problems = error.errors()
    first = problems[0]
    nested = first["ctx"].get("error") if "ctx" in first else None
    if isinstance(nested, ControlError):
        return str(nested)
    place = _place(group, first["loc"])
    if first["type"] == "extra_forbidden":
        known = list(group.model_fields)
        return (
            f"{place}: no such control{nearest(str(first['loc'][-1]), known) or ';'} Known: {listed(known)}."
        )
    found = repr(first["input"])
    found = found if len(found) < 80 else found[:77] + "…"
    # A field of several types has a problem for each: any of them would have been right.
    said = [p["msg"].removeprefix("Value error, ") for p in problems if _place(group, p["loc"]) == place]
    expected = " or ".join(dict.fromkeys(text[:1].lower() + text[1:] for text in said))
    return f"{place}: found {found}; {expected}"


def _place(group: type[Group], location: tuple[int | str, ...]) -> str:
    # Pydantic adds the types it tried ("float", "constrained-float", "EarlyStopping") to the names of the fields.
    parts = [str(part) for part in location if part not in ("float", "str")]
    names = [part for part in parts if part.isidentifier() and part.islower()]
    return ".".join([group.group, *names]).strip(".")
