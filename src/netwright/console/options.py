"""Words that several commands share."""

from typing import Annotated

import typer

RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run that netwright fit made.")]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="Encoding of a text file, such as latin-1.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
