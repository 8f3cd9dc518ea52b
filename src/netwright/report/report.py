"""``Run.report``: what holds a run back, on one page."""

from pathlib import Path

from netwright.core import atomic
from netwright.core.errors import RunError
from netwright.diagnose.diagnosis import Diagnosis
from netwright.report.material import Material
from netwright.report.page import page
from netwright.report.targets.report import page_of_targets
from netwright.train.run import Run


def report(run: Run, path: str | Path | None = None, *, diagnosis: Diagnosis | None = None) -> Path:
    """Write the report of a run: one HTML file that needs no network.

    The verdict comes first, then the curves, the network's inside, the data, the predictions on the dev rows, the
    checks, and what it takes to train the same again. The test set stays closed.

    Args:
      run: the run; what its folder holds of ``diagnosis.json``, ``gain.json`` and ``improvement.json`` is shown.
      path: the file; by default ``report.html`` in the run's folder.
      diagnosis: shown instead of the stored one; of a run of several targets there is none, but ``transfer.json``.

    Returns:
      the file's path.

    Raises:
      RunError: there is no path and the run was not saved; or a stored record is damaged.

    Example:
      ``nw.fit(nw.example("digits")).report("report.html")``
    """
    if path is None:
        if run.path is None:
            raise RunError(
                "report: the run was not saved, so it has no folder; expected a path: run.report('report.html')"
            )
        path = run.path / "report.html"
    path = Path(path)
    # A name may hold half a character (a lone surrogate), which UTF-8 has no bytes for.
    text = page_of_targets(run) if run.targets else page(Material(run, diagnosis))
    atomic.write_bytes(path, text.encode("utf-8", "replace"))
    return path
