"""The schema: what each column is, and whether it is used."""

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

HEADINGS = ("column", "kind", "missing", "values", "")
PRINTED_ROWS = 60


@dataclass(frozen=True)
class Column:
    """One column of a table: how its cells are read, and what a user should know about it.

    Attributes:
      kind: "numeric", "categorical", "boolean", "date", "text", "identifier", "constant" or "array".
      used: whether it is a feature.
      missing: number of missing cells.
      values: its range or its levels, in words.
      note: why it is left out, or how it is encoded.
      missing_as: a spelling of "missing" that only this column uses.
      date_format: the format of its dates when they are written as text.
    """

    name: str
    kind: str
    used: bool = True
    missing: int = 0
    values: str = ""
    note: str = ""
    missing_as: str | None = None
    date_format: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the column as JSON; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Column":
        """Read a column from JSON."""
        return cls(**fields)


@dataclass(frozen=True)
class Schema:
    """The columns of a data set with its target; printing it gives a table."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    target: str
    notes: tuple[str, ...] = field(default=())

    @property
    def used(self) -> list[str]:
        """Names of the columns that are features."""
        return [column.name for column in self.columns if column.used]

    @property
    def left_out(self) -> list[str]:
        """Names of the columns that are not features."""
        return [column.name for column in self.columns if not column.used]

    def to_json(self) -> dict[str, Any]:
        """Return the schema as JSON; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Schema":
        """Read a schema from JSON."""
        columns = tuple(Column.from_json(column) for column in fields["columns"])
        return cls(fields["name"], fields["rows"], columns, fields["target"], tuple(fields["notes"]))

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                column.name,
                column.kind,
                str(column.missing or ""),
                column.values,
                column.note if column.used else f"left out: {column.note}",
            )
            for column in self.columns[:PRINTED_ROWS]
        ]

    def _title(self) -> str:
        return f"{self.name}: {self.rows:,} rows, {len(self.used)} of {len(self.columns)} columns used"

    def _footer(self) -> list[str]:
        hidden = len(self.columns) - PRINTED_ROWS
        more = [f"… {hidden} more columns"] if hidden > 0 else []
        return [*more, f"target: {self.target}", *self.notes]

    def __str__(self) -> str:
        return "\n".join([self._title(), *text_table(HEADINGS, self._cells()), *self._footer()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._cells()
        )
        footer = "<br>".join(html.escape(line) for line in self._footer())
        return f"<p>{html.escape(self._title())}</p><table><tr>{head}</tr>{body}</table><p>{footer}</p>"


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a plain table, columns as wide as their longest cell."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [headings, *rows]
    ]
