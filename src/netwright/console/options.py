"""Words that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Columns = list[str]

# What there is to learn, for the commands that train.
LearnFrom = Annotated[
    str,
    typer.Argument(metavar="DATA", help="A table, images, texts, sequences, or an example such as adult."),
]
Target = Annotated[
    Columns | None,
    typer.Option(
        metavar="COL", help="Column to predict; repeat it to learn several. Examples have their own."
    ),
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
TextColumns = Annotated[
    Columns | None, typer.Option("--text", metavar="COL", help="Column of texts; can be repeated.")
]
Sequence = Annotated[
    str | None,
    typer.Option(metavar="COL", help="For a row a step: the column that tells sequences apart."),
]
Time = Annotated[str | None, typer.Option(metavar="COL", help="Column that orders a sequence's rows.")]

Backbone = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Pretrained network to stand on: a folder, an asset such as minilm, or a hub's id.",
    ),
]
Transfer = Annotated[
    Literal["features", "finetune"] | None,
    typer.Option(help="Keep the backbone as it is, or train it further.", show_default="features"),
]

Devices = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Devices that share each mini-batch; a CPU simulates them.",
        show_default="1, or all with --distributed",
    ),
]
Distributed = Annotated[
    bool,
    typer.Option(
        "--distributed",
        help="Train with other processes, each started with these words on the same files; process 0 writes.",
    ),
]
Coordinator = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where process 0 listens.")]
Processes = Annotated[int | None, typer.Option(min=1, metavar="N", help="How many processes there are.")]
Process = Annotated[int | None, typer.Option(min=0, metavar="I", help="Which of them this is, from 0.")]

RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run that netwright fit made.")]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="Encoding of a text file, such as latin-1.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
