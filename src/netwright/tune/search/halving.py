"""Successive halving."""

from netwright.tune.search._search import Bracket, Search
from netwright.tune.search.random import sampler

ETA = 3


def bracket(members: int, epochs: int, rungs: int, eta: int = ETA) -> Bracket:
    """Return the bracket that ends after ``epochs``: at each of its rungs the best 1/eta of the members go on.

    Args:
      members: of the first rung, n; rung i has ⌊n/ηⁱ⌋, at least one.
      epochs: of the last rung, R; rung i of s + 1 has R·η^(i−s), rounded.
      rungs: s + 1, at most 1 + log_η R.
      eta: η.
    """
    last = rungs - 1
    return Bracket(
        tuple((max(1, members // eta**i), max(1, round(epochs / eta ** (last - i)))) for i in range(rungs))
    )


def rungs_of(largest: int, eta: int = ETA) -> int:
    """Return 1 + ⌊log_η largest⌋."""
    rungs = 1
    while eta**rungs <= largest:
        rungs += 1
    return rungs


def brackets(trials: int, epochs: int, eta: int = ETA) -> list[Bracket]:
    """Return one bracket of all trials, with as many rungs as trials and epochs allow.

    All trials have a few epochs, the best third of them three times as many, and so on. Of the compute of training
    every trial to the end it takes about (1 + log_η n)/n.

    Reference: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", 2016.
    """
    return [bracket(trials, epochs, rungs_of(min(trials, epochs), eta), eta)]


halving = Search(sampler, brackets=brackets)
