"""What a section of the report is made of: charts, tables, pictures, each with its numbers in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Plot:
    """A chart.

    Attributes:
      title: what it shows.
      spec: its Vega-Lite specification.
      summary: its numbers in a sentence or two, for those who do not see it, and for those who do.
      id: its place on the page.
    """

    title: str
    spec: dict[str, Any]
    summary: str
    id: str = ""
    kind: str = "plot"


@dataclass(frozen=True)
class Table:
    """Rows of text; the first cell of a row names it.

    Attributes:
      caption: what the rows are.
      columns: their headings; rows: one text a column.
      numbers: places of the columns that are set to the right.
      struck: places of rows that are shown struck through.
      folded: shown when asked for.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()
    folded: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class Picture:
    """A thumbnail: a ``data:`` address of a PNG, what it shows in words, and the line beneath."""

    address: str
    words: str
    line: str


@dataclass(frozen=True)
class Gallery:
    """Thumbnails."""

    caption: str
    pictures: Sequence[Picture]
    kind: str = "gallery"


@dataclass(frozen=True)
class Code:
    """Text to copy."""

    caption: str
    text: str
    folded: bool = False
    kind: str = "code"


@dataclass(frozen=True)
class Note:
    """A paragraph."""

    text: str
    kind: str = "note"


Block = Plot | Table | Gallery | Code | Note


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it; ``short`` is its name in the page's navigation."""

    id: str
    short: str
    title: str
    blocks: Sequence[Block]
