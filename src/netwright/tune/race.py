"""Races: trials leave at rungs, so that the longest trainings are spent on the best of them.

Successive halving (Jamieson and Talwalkar, 2016) is one bracket of rungs, Hyperband (Li et al., 2018) several, which
begin to cull later and later. The rungs of all brackets lie at the same epochs: they run side by side, as one
population that shrinks. Those that stay go on from where they are, in populations of one width: nothing is compiled
again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netwright.tune.group import Group
from netwright.tune.runner import Runner, outcome_of
from netwright.tune.search._search import Bracket
from netwright.tune.trials import Asked, Outcome, Tell
from netwright.tune.width import width_of_race

Report = Callable[[int, int, float], None]
"""Hears (number, epochs, value) at every rung."""


@dataclass
class Racing:
    """A bracket under way: who is still in it, and at which rung."""

    rungs: tuple[tuple[int, int], ...]
    numbers: list[int]
    rung: int = 0


class Race:
    """All brackets of a block of trials.

    Args:
      asked: the trials in the order of their brackets, all with the same epochs; those that are over are not trained,
        those that have values already not for these.
      brackets: that share them out.
      report: hears the value of every trial at every rung; tell: what became of it in the end.
    """

    def __init__(
        self, runner: Runner, asked: Sequence[Asked], brackets: Sequence[Bracket], report: Report, tell: Tell
    ) -> None:
        self.runner, self.report, self.tell = runner, report, tell
        self.over = {one.number for one in asked if one.over}
        self.values = {one.number: dict(one.rungs) for one in asked}
        self.brackets = _shared_out([one.number for one in asked], brackets)
        self.levels = sorted({epochs for bracket in self.brackets for _, epochs in bracket.rungs})
        self.groups = runner.groups(asked, self._told)
        self.entrants = {each.number: each for group in self.groups for each in group.entrants}
        for bracket in self.brackets:
            bracket.numbers = [number for number in bracket.numbers if number in self.entrants]
        self._widths = [self._width(group, len(asked)) for group in self.groups]

    def run(self, go_on: Callable[[], bool]) -> None:
        """Train from level to level and cull, as long as ``go_on()``; what has not left yet can go on another time."""
        for level in self.levels:
            if level != self.levels[0] and not go_on():
                return
            for group, width in zip(self.groups, self._widths, strict=True):
                self._train(group, level, width)
            for bracket in self.brackets:
                if bracket.numbers and bracket.rungs[bracket.rung][1] == level:
                    self._cull(bracket, level)

    # ------------------------------------------------------------------------------------------ the parts

    def _train(self, group: Group, level: int, width: int) -> None:
        inside = {number for bracket in self.brackets for number in bracket.numbers}
        inside -= self.over
        wanted = [
            each for each in group.entrants if each.number in inside and level not in self.values[each.number]
        ]
        self.runner.advance(group, wanted, level, width)
        for each in wanted:
            if each.reason:
                self._told(outcome_of(each))
            else:
                self.values[each.number][level] = each.value
                self.report(each.number, level, each.value)

    def _cull(self, bracket: Racing, level: int) -> None:
        """Let the worse ones go, and those that failed."""
        running = [number for number in bracket.numbers if level in self.values[number]]
        ranked = sorted(running, key=lambda number: (self.values[number][level], number))
        last = bracket.rung + 1 == len(bracket.rungs)
        stay = 0 if last else bracket.rungs[bracket.rung + 1][0]
        for number in ranked[stay:]:
            entrant = self.entrants[number]
            self._told(
                Outcome(
                    number,
                    "complete" if last else "pruned",
                    self.values[number][level],
                    attributes={"epochs": level} | entrant.attributes | {"rung": level},
                )
            )
            entrant.states = []
        bracket.numbers, bracket.rung = sorted(ranked[:stay]), bracket.rung + 1

    def _told(self, outcome: Outcome) -> None:
        if outcome.number not in self.over:
            self.tell(outcome)

    def _width(self, group: Group, trials: int) -> int:
        """Return the width at which the group's share of all trials races fastest."""
        share, before = len(group.entrants) / trials, 0
        rungs: list[tuple[int, int]] = []
        for level in self.levels:
            inside = sum(_members_to(bracket.rungs, level) for bracket in self.brackets)
            rungs.append((max(1, round(inside * share)), level - before))
            before = level
        return width_of_race(rungs)


def _shared_out(numbers: Sequence[int], brackets: Sequence[Bracket]) -> list[Racing]:
    racing, begin = [], 0
    for bracket in brackets:
        members = bracket.rungs[0][0]
        racing.append(Racing(bracket.rungs, list(numbers[begin : begin + members])))
        begin += members
    return racing


def _members_to(rungs: tuple[tuple[int, int], ...], level: int) -> int:
    """Return how many of a bracket train on until they have had ``level`` epochs."""
    return next((members for members, epochs in rungs if epochs >= level), 0)
