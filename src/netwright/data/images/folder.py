"""A folder of images: one sub-folder a class, within parts such as ``train/`` and ``test/`` or without."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.dataset import Dataset
from netwright.data.images.decode import ENDINGS
from netwright.data.images.files import read_files
from netwright.data.images.images import Images
from netwright.data.places import printable
from netwright.data.target import make_target

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "val", "valid", "validation"), "dev"),
    "test": "test",
}
ONE_A_CLASS = "expected one sub-folder a class, or a table of labels with a column of files (image=, --image)"


@dataclass(frozen=True)
class Found:
    """One image file of a folder: its path, and the class and part that its place says."""

    path: Path
    label: str
    part: str


def read_folder(folder: Path, *, task: str | None, name: str, skip_corrupt: bool) -> Dataset:
    """Read a folder of images into a data set.

    Each sub-folder is a class of its name, with all images anywhere within. Sub-folders ``train``, ``dev`` (or
    ``val``, ``valid``, ``validation``) and ``test`` are parts with one sub-folder a class each; parts given so are
    never split. Hidden files and files with other endings are no images.

    Raises:
      DataError: no image, no class, an empty class, a class without training images, or files that cannot be read.
    """
    images, found, notes = labelled(folder, skip_corrupt=skip_corrupt)
    labels = make_target(np.array([item.label for item in found]), "class", task, printable(str(folder)))
    parts = np.array([item.part for item in found])
    given = {part: np.flatnonzero(parts == part) for part in ("dev", "test") if (parts == part).any()}
    return Dataset(images, labels, name=name, given=given, notes=notes)


def labelled(folder: Path, *, skip_corrupt: bool) -> tuple[Images, list[Found], tuple[str, ...]]:
    """Return the images of a folder, what the place of each says, and notes on those left out.

    Raises:
      DataError: as :func:`read_folder`, but one class is enough.
    """
    source = printable(str(folder))
    found = _found(folder, source)
    names = [item.path.relative_to(folder).as_posix() for item in found]
    pixels, kept, notes = read_files([item.path for item in found], names, source, skip_corrupt=skip_corrupt)
    return Images(pixels, [printable(names[i]) for i in kept]), [found[i] for i in kept], notes


def unlabelled(path: Path, *, skip_corrupt: bool = False) -> Images:
    """Return one image file, or every image within a folder, named from there.

    Raises:
      DataError: there is none, or files cannot be read.
    """
    source = printable(str(path))
    if path.is_file():
        return Images(read_files([path], [path.name], source, skip_corrupt=False)[0], [printable(path.name)])
    paths = list(_images_within(path))
    if not paths:
        raise DataError(f"{source}: no image is in this folder; expected files ending in {listed(ENDINGS)}")
    names = [file.relative_to(path).as_posix() for file in paths]
    pixels, kept, _ = read_files(paths, names, source, skip_corrupt=skip_corrupt)
    return Images(pixels, [printable(names[i]) for i in kept])


def _found(folder: Path, source: str) -> list[Found]:
    children = _folders(folder)
    parts = [child for child in children if child.name.lower() in PARTS]
    if not any(PARTS[child.name.lower()] == "train" for child in parts):
        return list(_classes(folder, children, "train", source))
    strays = [child.name for child in children if child not in parts]
    if strays:
        raise DataError(
            f"{source}: folder {strays[0]}/ lies beside {parts[0].name}/; expected classes within the parts only"
        )
    found = [
        item
        for child in parts
        for item in _classes(child, _folders(child), PARTS[child.name.lower()], f"{source}/{child.name}")
    ]
    trained = {item.label for item in found if item.part == "train"}
    for item in found:
        if item.label not in trained:
            raise DataError(f"{source}: class {item.label}/ of the {item.part} images has no training images")
    return found


def _classes(folder: Path, classes: list[Path], part: str, source: str) -> Iterator[Found]:
    loose = [path.name for path in sorted(folder.iterdir()) if _is_image(path)]
    if loose:
        beside = f"{len(loose)} images such as {printable(loose[0])} lie"
        raise DataError(f"{source}: {beside} in no class's folder; {ONE_A_CLASS}")
    if not classes:
        raise DataError(f"{source}: no image is in this folder; {ONE_A_CLASS}")
    for child in classes:
        files = list(_images_within(child))
        if not files:
            raise DataError(
                f"{source}: class {printable(child.name)}/ has no image; remove the folder, or add files ending in "
                f"{listed(ENDINGS)}"
            )
        yield from (Found(path, printable(child.name), part) for path in files)


def _folders(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if child.is_dir() and not _is_hidden(child.name))


def _images_within(folder: Path) -> Iterator[Path]:
    """Yield the image files below a folder by name; links to folders are followed, each folder once."""
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        yield from (path for path in (Path(place, name) for name in sorted(files)) if _is_image(path))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not _is_hidden(path.name) and not path.is_dir()


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__"))
