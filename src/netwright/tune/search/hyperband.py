"""Hyperband."""

from netwright.tune.search._search import Bracket, Search
from netwright.tune.search.halving import ETA, bracket, rungs_of
from netwright.tune.search.random import sampler


def brackets(trials: int, epochs: int, eta: int = ETA) -> list[Bracket]:
    """Return brackets from the boldest, many trials of which most stop early, to one that trains all to the end.

    Nobody knows how early an error tells good from bad; so every answer gets about the same compute. A bracket of s + 1
    rungs starts with ⌈(s_max + 1)/(s + 1) · ηˢ⌉ trials, s = s_max … 0. s_max is the largest for which one round of
    brackets fits both the epochs and the trials; rounds follow one another, and the last bracket has what is left.

    Reference: Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", 2018, algorithm 1.
    """
    most = rungs_of(epochs, eta)
    while most > 1 and sum(_sizes(most, eta)) > trials:
        most -= 1
    sizes = _sizes(most, eta)
    found: list[Bracket] = []
    left, place = trials, 0
    while left:
        members = min(left, sizes[place % most])
        found.append(bracket(members, epochs, most - place % most, eta))
        left, place = left - members, place + 1
    return found


def _sizes(most: int, eta: int) -> list[int]:
    """Return the members of the brackets of one round, of which the first has ``most`` rungs."""
    return [-(-most * eta ** (rungs - 1) // rungs) for rungs in range(most, 0, -1)]


hyperband = Search(sampler, brackets=brackets)
