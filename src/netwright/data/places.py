"""Places in data, in the words of messages."""


def row_name(row: int) -> str:
    """Return the name of row ``row`` (from 0): a user counts rows of data from 1."""
    return f"row {row + 1} (counted from 1)"
