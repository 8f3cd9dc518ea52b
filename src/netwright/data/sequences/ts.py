"""The ``.ts`` format of aeon and sktime: a header of ``@`` lines, then a sequence a line.

``channel:channel:…:label``, each channel its numbers with commas between, ``?`` for a missing one; the channels of
one line have one length, those of two lines may differ. Reference: aeon, "File formats: .ts".
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.delimited import open_text
from netwright.data.places import shown
from netwright.data.sequences.ragged import Ragged


@dataclass
class Header:
    """What the lines before ``@data`` say, as far as it is needed; names are in lower case.

    Attributes:
      classes: the labels that lines end with; empty when they end with a number to predict, or with no target.
      target: whether lines end with a number to predict.
      lines: lines up to ``@data``.
    """

    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    lines: int = 0

    def says(self, name: str) -> bool:
        """Return whether a yes-or-no field says yes."""
        return self.fields.get(name, ["false"])[0].lower() == "true"

    @property
    def classes(self) -> list[str]:
        """The labels that lines end with; none when they end with a number to predict, or with nothing."""
        return self.fields["classlabel"][1:] if self.says("classlabel") else []

    @property
    def labelled(self) -> bool:
        """Whether lines end with a label or a number to predict."""
        return self.says("classlabel") or self.says("targetlabel")


@dataclass(frozen=True)
class TimeSeries:
    """What a file holds: sequences, and the label of each as text, or None when it has no labels."""

    sequences: Ragged
    labels: list[str] | None
    regression: bool


def read_ts(path: Path, encoding: str = "utf-8") -> TimeSeries:
    """Read a file.

    Raises:
      DataError: the file or its encoding cannot be read, or a line is damaged; it names the line.
    """
    try:
        with open_text(path, encoding) as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: is not {encoding} text (byte 0x{error.object[error.start]:02x}); say its encoding (--encoding)"
        ) from None
    except LookupError:
        raise DataError(f"{path}: encoding '{encoding}' is not known; try 'utf-8' or 'latin-1'") from None
    header = _header(path, lines)
    parts: list[NDArray[np.float64]] = []
    labels: list[str] = []
    for number, line in enumerate(lines[header.lines :], start=header.lines + 1):
        if line.strip() and not line.startswith("#"):
            steps, label = _case(path, number, line.strip(), header)
            if parts and steps.shape[1] != parts[0].shape[1]:
                width = parts[0].shape[1]
                _damaged(path, number, f"has {steps.shape[1]} channels", f"{width} as in the first sequence")
            parts.append(steps)
            labels.append(label)
    if not parts:
        raise DataError(f"{path}: no sequence stands below @data; expected at least one")
    return TimeSeries(
        Ragged.of(parts, str(path)), labels if header.labelled else None, header.says("targetlabel")
    )


def _header(path: Path, lines: list[str]) -> Header:
    header = Header()
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\ufeff")
        if not text or text.startswith("#"):
            continue
        if not text.startswith("@"):
            _damaged(
                path, number, f"is {shown(text)}", "a header line such as '@univariate true', then @data"
            )
        name, *words = text[1:].split()
        if name.lower() == "data":
            header.lines = number
            break
        header.fields[name.lower()] = words or [""]
    else:
        raise DataError(f"{path}: no @data line; expected a header of @ lines, @data, then a sequence a line")
    if header.says("timestamps"):
        raise DataError(
            f"{path}: @timeStamps is true: sequences of (time, value) pairs are not read; write the values alone, or "
            "a table with a row a step (sequence=, time=)"
        )
    return header


def _case(path: Path, number: int, line: str, header: Header) -> tuple[NDArray[np.float64], str]:
    """Return one line's steps (T, C) and its label, "" when there is none."""
    channels = line.split(":")
    label = channels.pop().strip() if header.labelled else ""
    if not channels:
        _damaged(path, number, "has no ':'", "channels, then ':' and the label")
    if header.classes and label not in header.classes:
        _damaged(path, number, f"ends with the label {shown(label)}", f"one of {listed(header.classes, 8)}")
    if header.says("targetlabel"):
        _numbers(path, number, label)
    wanted = header.fields.get("dimensions", header.fields.get("dimension", [""]))[0]
    wanted = "1" if header.says("univariate") else wanted
    if wanted.isdecimal() and len(channels) != int(wanted):
        _damaged(path, number, f"has {len(channels)} channels", f"{wanted} as in the header")
    values = [_numbers(path, number, channel) for channel in channels]
    for place, channel in enumerate(values):
        if len(channel) != len(values[0]):
            found = f"has {len(channel)} values in channel {place + 1}"
            _damaged(path, number, found, f"{len(values[0])} as in its first channel")
    return np.stack(values, axis=1), label


def _numbers(path: Path, number: int, text: str) -> NDArray[np.float64]:
    cells = [cell.strip() for cell in text.split(",")]
    try:
        return np.array([np.nan if cell in ("?", "NaN", "nan") else float(cell) for cell in cells])
    except ValueError:
        found = next(cell for cell in cells if not _is_number(cell))
        _damaged(path, number, f"holds {shown(found)}", "numbers with commas between, ? for a missing one")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell == "?"
    return True


def _damaged(path: Path, number: int, found: str, expected: str) -> NoReturn:
    raise DataError(f"{path}: line {number} {found}, expected {expected}; correct that line")
