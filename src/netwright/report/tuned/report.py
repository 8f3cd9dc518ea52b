"""``Study.report``: a study on one page."""

from pathlib import Path

from netwright.core import atomic
from netwright.report.blocks import Block, Code, Section
from netwright.report.document import document
from netwright.report.tuned.curves import curves
from netwright.report.tuned.effort import effort
from netwright.report.tuned.gap import gaps
from netwright.report.tuned.parallel import parallel
from netwright.report.tuned.sensitivity import importances, profiles
from netwright.report.tuned.trials import failures, leaders, trials
from netwright.report.tuned.tuning import Tuning
from netwright.report.tuned.verdict import headline
from netwright.report.words import cut
from netwright.tune.study import Study


def report(study: Study, path: str | Path) -> Path:
    """Write the report of a study: one HTML file that needs no network.

    The best trial and its controls come first, then how sensitive the error is to each hyperparameter, all trials
    as lines across the space, their learning curves, what was spent, and the trials themselves.

    Returns:
      the file's path.
    """
    path = Path(path)
    atomic.write_bytes(path, page(Tuning(study)).encode("utf-8", "replace"))
    return path


def page(tuning: Tuning) -> str:
    """Return the page as HTML."""
    sections = [
        Section("best", "Best", "What was found", [*leaders(tuning), *_controls(tuning)]),
        Section("sensitivity", "Sensitivity", "What matters", [*importances(tuning), *profiles(tuning)]),
        Section("gap", "Gap", "What regularization does to the gap", gaps(tuning)),
        Section("space", "Space", "All trials across the space", parallel(tuning)),
        Section("curves", "Curves", "How trials learned", curves(tuning)),
        Section("effort", "Effort", "What was spent", effort(tuning)),
        Section("trials", "Trials", "The trials", [*failures(tuning), *trials(tuning)]),
    ]
    return document(cut(tuning.name, 80), f"netwright tuning · {tuning.search}", headline(tuning), sections)


def _controls(tuning: Tuning) -> list[Block]:
    if tuning.controls is None:
        return []
    return [Code("All controls of the best", tuning.controls.to_yaml().rstrip(), folded=True)]
