"""Several inputs by name: each is features of its own, and a row is what stands in the same row of all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.arrays import shared_empty
from netwright.data.encoder import Encoder
from netwright.data.features import Features
from netwright.data.places import instead
from netwright.data.schema import Column
from netwright.data.several import SeveralEncoder


class Contents:
    """The inputs as their encoders take them, by name; its length is the number of rows.

    Raises:
      DataError: the inputs differ in their number of rows.
    """

    def __init__(self, inputs: dict[str, Any], source: str) -> None:
        self.inputs = inputs
        (first, count), *others = ((name, len(values)) for name, values in inputs.items())
        for name, rows in others:
            if rows != count:
                raise DataError(
                    f"{source}: found {rows} rows of '{name}' and {count} of '{first}', expected one of each a row"
                )
        self._count = count

    def __len__(self) -> int:
        return self._count


class Inputs:
    """Features that are several, by name.

    A column to split by is named ``input.column``.
    """

    def __init__(self, inputs: dict[str, Features], source: str) -> None:
        self.inputs = inputs
        self._contents = Contents({name: features.content for name, features in inputs.items()}, source)

    @classmethod
    def of_parts(
        cls, parts: Mapping[str, Mapping[str, Any]], features_of: Callable[[dict[str, Any]], Features]
    ) -> "Inputs":
        """Join parts such as X and X_dev, each a dictionary with the same inputs.

        Args:
          parts: dictionaries by what they are called; the first, "X", says which inputs there are.
          features_of: makes the features of one input from its parts.

        Raises:
          DataError: there is no input, or a part has others than X.
        """
        names = list(parts["X"])
        if not names:
            raise DataError("X: found an empty dictionary, expected an array or a frame for each input")
        for source, part in parts.items():
            _check_names(part, names, source)
        pairs = {name: {source: part[name] for source, part in parts.items()} for name in names}
        return cls({str(name): features_of(pair) for name, pair in pairs.items()}, "X")

    @property
    def content(self) -> Contents:
        """What the fitted encoder transforms."""
        return self._contents

    def __len__(self) -> int:
        return len(self._contents)

    def take(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Return some rows of each input."""
        return {name: features.take(rows) for name, features in self.inputs.items()}

    def column(self, name: str) -> NDArray[Any]:
        """Return the column ``input.column``, to split by."""
        part, _, column = name.partition(".")
        return self._found(part, name).column(column)

    def times(self, name: str) -> NDArray[Any]:
        """Return the column ``input.column``, to order the rows by."""
        part, _, column = name.partition(".")
        return self._found(part, name).times(column)

    def _found(self, part: str, name: str) -> Features:
        if part not in self.inputs:
            known = [f"{one}.<column>" for one in self.inputs]
            raise DataError(f"data.split_column: no input of '{name}'{instead(name, known)}")
        return self.inputs[part]

    def columns(self) -> tuple[Column, ...]:
        """Return what each column of each input holds, named ``input.column``."""
        return tuple(
            replace(column, name=f"{name}.{column.name}")
            for name, features in self.inputs.items()
            for column in features.columns()
        )

    def digest(self, update: Callable[[Any], None]) -> None:
        """Feed the content to a hash."""
        for name, features in self.inputs.items():
            update(name.encode())
            features.digest(update)

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> "InputsEncoder":
        """Fit each input's encoder on the training rows; ``left_out`` names a column of groups, no feature."""
        part, _, column = (left_out or "").partition(".")
        encoders = {
            name: features.fit(
                rows, controls, embeddings=embeddings, left_out=column if name == part else None
            )
            for name, features in self.inputs.items()
        }
        texts = [name for name, encoder in encoders.items() if encoder.tokenizer is not None]
        if len(texts) > 1:
            raise DataError(
                f"X: found texts in {listed(texts)}; a model has one tokenizer: put the texts into the columns of "
                "one frame"
            )
        return InputsEncoder(encoders)


class InputsEncoder(SeveralEncoder):
    """An encoder for each input, by name; :attr:`Layout.parts` are in their order."""

    def __init__(self, encoders: dict[str, Encoder]) -> None:
        super().__init__(list(encoders.values()))
        self.encoders = encoders

    def opened(self, features: Any, source: str = "data") -> Contents:
        """See :meth:`Encoder.opened`; ``features`` is a dictionary of the inputs."""
        if isinstance(features, Contents):
            return features
        if not isinstance(features, Mapping):
            raise DataError(
                f"{source}: found {type(features).__name__}, expected a dictionary with {listed(self.encoders)}"
            )
        _check_names(features, list(self.encoders), source)
        opened = {
            name: encoder.opened(features[name], f"{source}['{name}']")
            for name, encoder in self.encoders.items()
        }
        return Contents(opened, source)

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`."""
        contents = self.opened(features, source)
        out = shared_empty((len(contents) if rows is None else len(rows), self.n_in))
        start = 0
        for name, encoder in self.encoders.items():
            x = encoder.transform(contents.inputs[name], rows=rows, source=f"{source}['{name}']")
            out[:, start : start + encoder.n_in] = x.reshape(len(out), -1)
            start += encoder.n_in
        return out

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`."""
        inputs = {name: encoder.to_json() for name, encoder in self.encoders.items()}
        return {"encoder": "inputs", "inputs": inputs}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "InputsEncoder":
        """See :meth:`Encoder.from_json`."""
        shared = {"tokenizer": fields.get("tokenizer")}
        return cls({name: Encoder.from_json({**one, **shared}) for name, one in fields["inputs"].items()})


def _check_names(given: Any, names: list[str], source: str) -> None:
    found = list(given) if isinstance(given, Mapping) else None
    if found is None or set(found) != set(names):
        what = type(given).__name__ if found is None else f"inputs {listed(map(str, found))}"
        raise DataError(f"{source}: found {what}, expected a dictionary with {listed(map(str, names))}")
