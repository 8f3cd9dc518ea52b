"""``netwright improve``."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import netwright as nw
from netwright.console.options import (
    ControlsFile,
    Drop,
    Image,
    Json,
    LearnFrom,
    Quiet,
    Sequence,
    Settings,
    SkipCorrupt,
    Target,
    Task,
    TextColumns,
    TextEncoding,
    Time,
    Weight,
)
from netwright.console.wanted import controls_of, free_folder
from netwright.core.duration import seconds_of

if TYPE_CHECKING:
    from netwright.improve.story import Improvement


def improve(
    data: LearnFrom,
    target: Target = None,
    budget: Annotated[str, typer.Option(metavar="TIME", help="Time to spend: 90s, 10m, 1.5h.")] = "10m",
    task: Task = None,
    controls: ControlsFile = None,
    set: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder of the story and its runs.", show_default="runs/DATA-improved-N"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the first model.")] = 0,
    drop: Drop = None,
    weight: Weight = None,
    encoding: TextEncoding = None,
    image: Image = None,
    skip_corrupt: SkipCorrupt = False,
    text: TextColumns = None,
    sequence: Sequence = None,
    time: Time = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train, find what holds back, change one control, prove it.

    A change is kept only when paired trainings show that it helps; the model at the end is never worse on the dev
    rows than the first. Asked again with the same --out, it goes on where it was.

    Example: netwright improve adult.csv --target income --budget 10m
    """
    seconds = seconds_of(budget, "--budget")
    wanted = controls_of(controls, set)
    # Start-up cost: these import Polars and JAX.
    from netwright.console import sources, summary, terminal

    options = {"task": task, "drop": drop, "weight": weight, "encoding": encoding}
    options |= {"image": image, "skip_corrupt": skip_corrupt, "text": text}
    options |= {"sequence": sequence, "time": time}
    dataset = sources.to_learn(data, target, options)
    told = not (json or quiet)
    if told:
        summary.print_data(dataset.schema)
        terminal.results().print()
    folder = out or free_folder(Path("runs"), f"{dataset.name}-improved")
    found = nw.improve(
        dataset, seconds, wanted, seed=seed, out=folder, progress=_print_step if told else None
    )
    best = found.run.path or folder
    if json:
        terminal.print_json(found.to_json() | {"folder": str(folder), "run": str(best)})
    elif told:
        _print_outcome(found, best)
    else:
        print(best)


def _print_step(improvement: "Improvement") -> None:
    from rich.text import Text

    from netwright.console.terminal import results

    step = improvement.steps[-1]
    style = "green" if step.details.get("kept") else "dim" if step.kind == "prove" else ""
    results().print(Text(str(step), style=style))


def _print_outcome(improvement: "Improvement", best: Path) -> None:
    from netwright.console.terminal import print_block, results

    print_block(
        {
            "": f"dev {improvement.metric} {improvement.start_error} → {improvement.error}",
            "kept": "\n".join(improvement.adopted) or "nothing",
            "best": improvement.model,
            "trained": f"{improvement.compute:,} examples × epochs",
            "model": str(best),
        }
    )
    results().print(
        f"\nIts dev rows have chosen it; only the test rows judge: netwright evaluate {shlex.quote(str(best))}"
    )
