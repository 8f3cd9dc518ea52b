"""The command line: ``netwright COMMAND …``.

Nothing here or in :mod:`netwright.console.commands` imports JAX, Polars or scikit-learn before a command
runs, so that ``--help`` and mistyped words answer at once.
"""

import gc
import inspect
import warnings
from typing import Annotated

import typer

import netwright
from netwright.console.commands.compare import compare
from netwright.console.commands.diagnose import diagnose
from netwright.console.commands.doctor import doctor
from netwright.console.commands.evaluate import evaluate
from netwright.console.commands.examples import examples
from netwright.console.commands.export import export
from netwright.console.commands.fit import fit
from netwright.console.commands.improve import improve
from netwright.console.commands.predict import predict
from netwright.console.commands.report import report
from netwright.console.commands.resume import resume
from netwright.console.commands.tune import tune
from netwright.console.commands.xray import xray
from netwright.console.guard import Guard

SELDOM = 100_000
"""New objects between two looks for garbage among the youngest; the older ones have their turn as ever."""

app = typer.Typer(
    cls=Guard,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExit codes: 0 done, 1 the work failed, \n  2 the words were wrong, 130 interrupted.",
)
for command in (
    fit,
    tune,
    improve,
    predict,
    evaluate,
    compare,
    diagnose,
    xray,
    report,
    export,
    resume,
    examples,
    doctor,
):
    text, _, example = inspect.cleandoc(command.__doc__ or "").rpartition("Example:")
    app.command(help=text, epilog=f"\b\nExample:\n  {example.strip()}")(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"netwright {netwright.__version__}")
        raise typer.Exit


@app.callback()
def netwright_(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; goes with any command.")
    ] = False,
) -> None:
    """Train a neural network on a table, as one compiled program, and use it."""


def main() -> None:
    """Run the command that the process was started with."""
    # What is imported and traced stays; looking through it for garbage again and again took a tenth of the time.
    gc.set_threshold(SELDOM)
    warnings.formatwarning = lambda message, *place: f"netwright: warning: {message}\n"
    app()
