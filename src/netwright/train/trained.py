"""Which of a model's parameters learn, from when on, and at what share of the learning rate."""

from collections.abc import Iterable
from dataclasses import dataclass

from netwright.core.controls import Controls, Optimization
from netwright.core.errors import ControlError
from netwright.core.patterns import check, chosen, fits
from netwright.models._pretrained import BODY
from netwright.nn.skeleton import Arrays, Skeleton
from netwright.train.pretrained import finetunes

EVERYTHING = "*"
"""What fits when no pattern does: parameters that learn at the full rate, from the start."""


@dataclass(frozen=True)
class Trained:
    """What of a model learns; static, the numbers of each pattern are traced.

    Attributes:
      frozen: names of the parameters that stay; the gradient and the optimizer know nothing of them.
      settled: modules whose running averages stay, and serve in training, too.
      groups: the names of parameters that are alike, by their patterns in ``rates`` and ``unfreeze``.
    """

    frozen: frozenset[str]
    settled: frozenset[str]
    groups: tuple[tuple[str, str, tuple[str, ...]], ...]

    def of(self, params: Arrays) -> Arrays:
        """Return the parameters that learn."""
        return {name: array for name, array in params.items() if name not in self.frozen}

    def rest_of(self, params: Arrays) -> Arrays:
        """Return the parameters that stay."""
        return {name: array for name, array in params.items() if name in self.frozen}


def trained(controls: Controls, skeleton: Skeleton, *, own_rule: bool) -> Trained:
    """Return what of a model learns under these controls.

    Raises:
      ControlError: a pattern fits nothing, nothing is left to learn, or a user's own rule is to have groups.
    """
    architecture, optimization = controls.architecture, controls.optimization
    names, known = skeleton.names, (*skeleton.names, *skeleton.averages)
    rates, unfreeze = rates_of(optimization), optimization.unfreeze
    for field, patterns in (
        ("freeze", optimization.freeze),
        ("unfreeze", unfreeze),
        ("rates", rates),
    ):
        check(patterns, known if field == "freeze" else names, f"optimization.{field}")
    still = chosen(optimization.freeze, known)
    learning = [name for name in names if name not in still]
    if not learning:
        raise ControlError(
            "optimization.freeze: nothing is left to learn; take a part out again, as '!output'"
        )
    if own_rule and (rates or unfreeze):
        raise ControlError(
            "optimization.rates and unfreeze: a rule of your own, rule=, has its own groups (optax.partition); leave "
            "them out"
        )
    averages = still.intersection(skeleton.averages)
    if finetunes(architecture) and architecture.statistics == "frozen":
        averages |= chosen((BODY,), skeleton.averages)
    settled = frozenset(name.rpartition(".")[0] for name in averages)
    members: dict[tuple[str, str], list[str]] = {}
    for name in learning:
        members.setdefault((_first(rates, name), _first(unfreeze, name)), []).append(name)
    alike = members.keys() == {(EVERYTHING, EVERYTHING)}
    groups = () if alike else tuple((*patterns, tuple(group)) for patterns, group in members.items())
    return Trained(still.intersection(names), settled, groups)


def rates_of(optimization: Optimization) -> dict[str, float]:
    """Return the factors on the learning rate by pattern; none where they were left to the data and it had none."""
    return {} if optimization.rates == "auto" else optimization.rates


def _first(patterns: Iterable[str], name: str) -> str:
    return next((pattern for pattern in patterns if fits(pattern, name)), EVERYTHING)
