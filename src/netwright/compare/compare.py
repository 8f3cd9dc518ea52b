"""``nw.compare``: one network under several alternatives, from the same start (OP-8)."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from netwright.compare.alternatives import Alternatives, alternatives_of
from netwright.compare.comparison import Comparison, ordered
from netwright.compare.entry import Entry, end_of, shares
from netwright.compare.rates import RATES, Search, at_rate, search_rates
from netwright.core.controls import Controls
from netwright.core.errors import ControlError, TrainingError
from netwright.core.names import listed
from netwright.data.dataset import Dataset
from netwright.data.targets import require_one
from netwright.measure.trial import Trial, train_trials
from netwright.train.auto import resolve
from netwright.train.job import facts_of
from netwright.train.pretrained import prepare

TUNING_SEEDS = 3


def compare(
    ds: Dataset,
    alternatives: Alternatives = "rules",
    controls: Controls | None = None,
    *,
    seeds: int = 5,
    rates: Sequence[float] = RATES,
    level: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """Train the same network under every alternative from the same start, and put them side by side.

    Training i of every alternative has seed i: the same weights before the first step (as far as the structure is
    the same, and but for initializers), the same order of the rows, the same dropout. All trainings go to their last
    epoch, unless ``controls`` ask for early stopping. The seeds of an alternative are one compiled population.

    Where the learning rate is left to the data ("auto"), each alternative gets its own best of ``rates``: all are
    trained at all rates for as many epochs under three other seeds, and the lowest mean dev error decides. A rate
    that is given is kept. Whatever else is left to the data is chosen for each alternative as :func:`netwright.fit`
    would, such as the weight decay of AdamW; ``Comparison.differences`` names what differs.

    Args:
      ds: what to learn.
      alternatives: "rules", "schedules" or "initializers", ``"group.name=a|b|c"``, a list of settings (several
        within one are separated by ";"), or controls by name.
      controls: what the alternatives have in common.
      seeds: trainings an alternative.
      rates: the learning rates to choose from.
      level: the dev error that steps are counted to; by default one that every training of half of the
        alternatives reaches.
      progress: hears a line before each round of trainings.

    Raises:
      ControlError: an alternative or a control is unknown, or there are fewer than two alternatives.
      DataError: there are no dev rows to compare by.
      TrainingError: every training of every alternative diverged.

    Example:
      ``nw.compare(nw.example("digits"), "rules").report("rules.html")``
    """
    require_one(ds.labels.names, "compare")
    if seeds < 1:
        raise ControlError(f"compare: found {seeds} seeds, expected 1 or more")
    if not rates:
        raise ControlError(
            "compare: found no learning rate to choose from, expected rates such as 0.001, 0.01"
        )
    base = controls or Controls()
    if base.regularization.early_stopping == "auto":
        base = base.replace(regularization=base.regularization.replace(early_stopping=None))
    wanted = alternatives_of(alternatives, base, int(_resolved(ds, base).optimization.epochs))
    for one in wanted.values():
        _resolved(ds, one)  # what cannot be trained is told before the first training
    tell = progress or (lambda line: None)
    left_open = [name for name, one in wanted.items() if one.optimization.learning_rate == "auto"]
    if left_open:
        tell(f"choosing the rates of {listed(left_open)}: {len(rates)} rates, {TUNING_SEEDS} seeds")
    tuned = {name: wanted[name] for name in left_open}
    searches = search_rates(ds, tuned, rates, range(seeds, seeds + TUNING_SEEDS))
    at_best = {
        name: at_rate(one, searches[name].best) if name in searches else one for name, one in wanted.items()
    }
    tell(f"comparing {listed(wanted)}: {seeds} seeds")
    trials = train_trials(ds, [(one, seed) for one in at_best.values() for seed in range(seeds)])
    entries = [
        _entry(name, _resolved(ds, one), trials[place * seeds :][:seeds], searches.get(name))
        for place, (name, one) in enumerate(at_best.items())
    ]
    if not any(np.isfinite(entry.ends).any() for entry in entries):
        raise TrainingError("compare: every training diverged; try lower rates")
    return ordered(ds.name, entries, level, _how(entries, seeds))


def _resolved(ds: Dataset, controls: Controls) -> Controls:
    return resolve(controls, facts_of(prepare(ds, controls)))


def _entry(name: str, controls: Controls, trials: Sequence[Trial], search: Search | None) -> Entry:
    seeds = tuple(trial.seed for trial in trials)
    if not any(trial.finite for trial in trials):
        nothing = (pl.DataFrame(),) * len(trials)
        return Entry(name, controls, seeds, nothing, np.full(len(trials), np.inf), None, search)
    runs = [trial.run() for trial in trials]
    ends = np.array([end_of(run) for run in runs])
    rows = np.stack([shares(trial.dev, end) for trial, end in zip(trials, ends, strict=True)])
    return Entry(name, controls, seeds, tuple(run.history for run in runs), ends, rows, search)


def _how(entries: Sequence[Entry], seeds: int) -> str:
    epochs = sorted({int(entry.controls.optimization.epochs) for entry in entries})
    text = (
        f"Training i of every alternative has seed i: the same weights before the first step, the same order of the "
        f"rows and the same dropout, as far as the alternatives leave them the same. {seeds} seeds each, over "
        f"{' or '.join(map(str, epochs))} epochs."
    )
    searches = [entry.search for entry in entries if entry.search is not None]
    if not searches:
        return f"{text} All learning rates were given."
    rates, tuned = searches[0].rates, [entry.name for entry in entries if entry.search is not None]
    whose = "Each alternative" if len(tuned) == len(entries) else listed(tuned)
    text += (
        f" {whose} runs at its own best of {len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}: each was "
        f"trained at all of them for as many epochs under {TUNING_SEEDS} other seeds, and the lowest mean dev error "
        "decided."
    )
    edges = [entry.name for entry in entries if entry.search is not None and entry.search.at_edge]
    return text + (
        f" At the end of the grid, so that a better rate may lie beyond: {listed(edges)}." if edges else ""
    )
