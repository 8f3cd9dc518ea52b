"""From coarse to fine: the trials of a study in rounds, each in a smaller space than the one before."""

from bisect import bisect_right
from itertools import accumulate
from typing import Any

from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import TrialState

from netwright.core.errors import ControlError
from netwright.tune.search._points import PointSampler
from netwright.tune.search._search import Search
from netwright.tune.space import Point, Space


def rounds_of(search: Search, space: Space, trials: int, refine: Any) -> list[int]:
    """Return how many trials each of ``refine`` + 1 rounds has, as equal as they can be.

    Raises:
      ControlError: there are fewer trials than rounds, or the search finds the best region by itself.
    """
    if isinstance(refine, bool) or not isinstance(refine, int) or refine < 0:
        raise ControlError(f"refine: found {refine!r}, expected an integer of at least 0")
    if refine and (search.adaptive or search.brackets is not None):
        raise ControlError(
            f"refine: found {refine} with a search that goes to the best region, or drops the worst, by itself; "
            "it is for grid, random and quasi"
        )
    if trials <= refine:
        raise ControlError(f"refine: {trials} trials are too few for {refine + 1} rounds; raise trials")
    ends = [trials * (place + 1) // (refine + 1) for place in range(refine + 1)]
    return [search.count(space, end - begin) for begin, end in zip([0, *ends], ends, strict=False)]


def in_rounds(search: Search, space: Space, seed: int, rounds: list[int]) -> BaseSampler:
    """Return the search's sampler for one round; for several, one that goes from coarse to fine.

    Each round after the first searches the space around the best quarter of the round before
    (:func:`netwright.tune.refine.refined`), as far as those trials are over.
    """
    if len(rounds) == 1:
        return search.sampler(space, seed, rounds[0])
    return PointSampler(space, _Rounds(search, space, seed, rounds))


class _Rounds:
    def __init__(self, search: Search, space: Space, seed: int, rounds: list[int]) -> None:
        self._search, self._seed, self._rounds = search, seed, rounds
        self._starts = [0, *accumulate(rounds)]
        self._samplers: dict[int, PointSampler] = {}
        self._spaces = [space]

    def __call__(self, study: Study, number: int) -> Point:
        place = min(bisect_right(self._starts, number), len(self._rounds)) - 1
        if place not in self._samplers:
            sampler = self._search.sampler(self._space(study, place), self._seed + place, self._rounds[place])
            assert isinstance(sampler, PointSampler), "searches without memory draw whole points"
            self._samplers[place] = sampler
        return self._samplers[place].draw(study, number - self._starts[place])

    def _space(self, study: Study, place: int) -> Space:
        trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        for done in range(len(self._spaces), place + 1):
            before = range(self._starts[done - 1], self._starts[done])
            best = [(trial.params, trial.value) for trial in trials if trial.number in before]
            points, values = [point for point, _ in best], [value for _, value in best if value is not None]
            # A round of failures says nothing of where to look.
            self._spaces.append(self._spaces[-1].refined(points, values) if best else self._spaces[-1])
        return self._spaces[place]
