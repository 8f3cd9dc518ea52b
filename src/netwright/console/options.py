"""Words that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Columns = list[str]

# What there is to learn, for the commands that train.
LearnFrom = Annotated[
    str, typer.Argument(metavar="DATA", help="A table file, images, or an example such as adult.")
]
Target = Annotated[
    str | None, typer.Option(metavar="COL", help="Column to predict; examples have their own.")
]
Task = Annotated[
    Literal["binary", "multiclass", "regression"] | None,
    typer.Option(help="By default what the target asks for."),
]
ControlsFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="YAML or JSON file of controls; what it leaves out is chosen."),
]
Settings = Annotated[
    Columns | None,
    typer.Option(metavar="GROUP.NAME=VALUE", help="One control, over the file's; can be repeated."),
]
Drop = Annotated[Columns | None, typer.Option(metavar="COL", help="Leave a column out; can be repeated.")]
Weight = Annotated[str | None, typer.Option(metavar="COL", help="Column of sample weights.")]
TextEncoding = Annotated[
    str | None, typer.Option(metavar="NAME", help="Encoding of a text file, such as latin-1.")
]

Image = Annotated[str | None, typer.Option(metavar="COL", help="Column of a table that names image files.")]
SkipCorrupt = Annotated[
    bool,
    typer.Option("--skip-corrupt", help="Leave out images that cannot be read, instead of refusing them."),
]

RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run that netwright fit made.")]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="Encoding of a text file, such as latin-1.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
