"""Many image files into pixels, decoded in parallel."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.images.decode import UnreadableError, decode
from netwright.data.images.pixels import Bytes, Pixels
from netwright.data.places import printable

LISTED = 5


def read_files(
    paths: Sequence[Path], names: Sequence[str], source: str, *, skip_corrupt: bool
) -> tuple[Pixels, list[int], tuple[str, ...]]:
    """Return the images, the numbers of the files they come from, and notes about those left out.

    Args:
      paths: the files; names: what each is called, for messages and predictions.
      source: what they belong to, such as their folder.
      skip_corrupt: leave out what cannot be read instead of refusing it.

    Raises:
      DataError: files cannot be read, each with what is wrong; or none is left.
    """
    bad: dict[int, str] = {}
    kept: list[int] = []

    def good() -> Iterator[Bytes]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for number, found in enumerate(pool.map(_attempt, paths)):
                if isinstance(found, str):
                    bad[number] = found
                else:
                    kept.append(number)
                    yield found

    pixels = Pixels.of_images(good())
    told = listed([f"{printable(names[number])} {reason}" for number, reason in bad.items()], LISTED)
    if bad and not skip_corrupt:
        raise DataError(
            f"{source}: {len(bad)} of {len(paths)} images cannot be read: {told}; mend or remove them, or leave "
            "them out with skip_corrupt=True (--skip-corrupt)"
        )
    if not kept:
        raise DataError(f"{source}: none of {len(paths)} images can be read: {told}")
    notes = (f"{len(bad):,} images that cannot be read were left out: {told}",) if bad else ()
    return pixels, kept, notes


def _attempt(path: Path) -> Bytes | str:
    try:
        return decode(path)
    except UnreadableError as error:
        return str(error)
