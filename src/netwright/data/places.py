"""Places in data, in the words of messages."""

from collections.abc import Iterable

from netwright.core.errors import DataError
from netwright.core.names import listed, nearest

MOST_CHARACTERS = 40


class RowError(DataError):
    """A row that does not fit; ``row`` is its number, from 0, in what was read.

    The message is "source: ``what`` in row …``rest``".
    """

    def __init__(self, source: str, what: str, row: int, rest: str) -> None:
        self.source, self.what, self.row, self.rest = source, what, row, rest
        super().__init__(f"{source}: {what} in {row_name(row)}{rest}")

    def at(self, row: int, source: str | None = None) -> "RowError":
        """Return the same error of another row, and of another source."""
        return RowError(self.source if source is None else source, self.what, row, self.rest)


class CellError(RowError):
    """A cell that does not fit."""

    def __init__(self, source: str, found: str, row: int, place: str, expected: str) -> None:
        super().__init__(source, f"found {found}", row, f", {place}; {expected}")


def row_name(row: int) -> str:
    """Return the name of row ``row`` (from 0): a user counts rows of data from 1."""
    return f"row {row + 1} (counted from 1)"


def shown(cell: object) -> str:
    """Return a cell in quotes, on one line and not too long."""
    text = " ".join(str(cell).split())
    return f"'{text}'" if len(text) <= MOST_CHARACTERS else f"'{text[:MOST_CHARACTERS]}…'"


def printable(name: str) -> str:
    """Return a file's name as text that any stream takes: bytes of it that are not UTF-8 as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def instead(name: str, known: Iterable[str], heading: str = "Known") -> str:
    """Return the end of a message about a name that does not exist: the nearest one, and those there are."""
    known = list(known)
    return f"{nearest(name, known) or '.'} {heading}: {listed(known)}."
