"""Columns of a table as a graph reads them: what each of :mod:`netwright.data.column_encoders` does."""

from itertools import product
from typing import Any

import numpy as np

from netwright.data.coerce import MISSING
from netwright.data.column_encoders import Codes, Levels, Numbers, OneHot
from netwright.export.graph import Graph, Value

UNIX_EPOCH = 719_468
"""Days from 0000-03-01 to 1970-01-01."""


def encoded(graph: Graph, part: Numbers | OneHot | Codes, name: str) -> Value:
    """Add an input ``name`` and return the column encoded: float32 (rows, columns of x)."""
    if isinstance(part, Numbers):
        return _numbers(graph, part, name)
    codes = _codes(graph, part.levels, name)
    if isinstance(part, Codes):
        return codes.cast("float").with_axis(1)
    levels = np.arange(0 if part.levels.rare else 1, part.levels.count)
    return graph.node("Equal", codes.with_axis(1), levels[None]).cast("float")


def _numbers(graph: Graph, part: Numbers, name: str) -> Value:
    about = {"date": "days since 1970-01-01", "boolean": "0 or 1"}.get(part.column.kind, "a number")
    x = graph.input(name, "double", about=f"{about}; NaN is missing")
    parts = date_parts(graph, x) if part.column.kind == "date" else [x]
    numbers = [
        ((value.filled(np.float64(fill)) - center) / scale).cast("float").with_axis(1)
        for value, center, scale, fill in zip(parts, part.center, part.scale, part.fill, strict=True)
    ]
    return graph.joined([*numbers, *([x.is_missing().cast("float").with_axis(1)] if part.indicator else [])])


def date_parts(graph: Graph, days: Value) -> list[Value]:
    """Return year, month, day of the week and of the year, and the days themselves, of days since 1970-01-01.

    Reference: Hinnant (2013), "chrono-compatible low-level date algorithms", civil_from_days: years begin in March.
    """
    day = graph.node("Floor", days)
    since = day + UNIX_EPOCH
    era = since // 146_097
    day_of_era = since - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (year_of_era * 365 + year_of_era // 4 - year_of_era // 100)
    from_march = (day_of_year * 5 + 2) // 153
    early = graph.node("Less", from_march, np.float64(10))
    month = from_march + graph.node("Where", early, np.float64(3), np.float64(-9))
    year = year_of_era + era * 400 + graph.node("Where", early, np.float64(0), np.float64(1))
    past = year - 1
    new_year = past * 365 + past // 4 - past // 100 + past // 400 - 719_162
    weekday = day + 3 - (day + 3) // 7 * 7 + 1
    return [year, month, weekday, day - new_year + 1, days]


def _codes(graph: Graph, levels: Levels, name: str) -> Value:
    missing = len(levels.values) + 1 if levels.missing else 0
    spellings = [*MISSING, *([levels.column.missing_as] if levels.column.missing_as is not None else [])]
    codes = {cased: missing for text in spellings for cased in _cases(text)}
    codes |= {value: code for code, value in enumerate(levels.values, start=1)}
    x = graph.input(name, "string", about="a level, without spaces around it; an empty text is missing")
    return graph.node(
        "LabelEncoder",
        x,
        domain="ai.onnx.ml",
        keys_strings=list(codes),
        values_int64s=list(codes.values()),
        default_int64=0,
    )


def _cases(text: str) -> list[str]:
    """Return a text in every mixture of lower and upper case."""
    choices: list[Any] = [dict.fromkeys((letter.lower(), letter.upper())) for letter in text]
    return ["".join(letters) for letters in product(*choices)]
