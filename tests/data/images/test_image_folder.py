"""Folders of images: classes, parts, names, and what is refused."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.data.images.folder import unlabelled


def test_a_sub_folder_is_a_class(photos):
    dataset = nw.read(photos)
    assert (dataset.task, len(dataset), dataset.labels.classes) == ("binary", 20, ["dark", "light"])
    assert dataset.name == "photos"
    shades = dataset.train.features.mean(axis=(1, 2, 3))
    np.testing.assert_array_equal(dataset.train.target == "light", shades > 100)
    assert "6×5 pixels, gray" in str(dataset.schema)


def test_parts_that_are_given_stay_whole(tmp_path, picture):
    for part, count in (("train", 6), ("val", 3), ("test", 2)):
        for label in ("a", "b"):
            for i in range(count):
                picture(tmp_path / part / label / f"{i}.png", 50)
    dataset = nw.read(tmp_path)
    splits = dataset.splits(nw.DataControls())
    assert [len(splits.train), len(splits.dev), len(splits.test)] == [12, 6, 4]
    names = np.array(dataset.features.names)
    assert all(name.startswith("val/") for name in names[splits.dev])
    assert all(name.startswith("test/") for name in names[splits.test])


def test_without_a_dev_part_one_is_split_off_the_training_images(tmp_path, picture):
    for part, count in (("train", 20), ("test", 2)):
        for label in ("a", "b"):
            for i in range(count):
                picture(tmp_path / part / label / f"{i}.png", 50)
    splits = nw.read(tmp_path).splits(nw.DataControls(dev_fraction=0.25))
    assert [len(splits.train), len(splits.dev), len(splits.test)] == [30, 10, 4]


def test_images_anywhere_within_a_class_count_and_other_files_do_not(photos, picture):
    picture(photos / "dark" / "more" / "deep.PNG", 20)
    (photos / "dark" / "notes.txt").write_text("no image")
    (photos / "dark" / ".hidden.png").write_text("no image")
    (photos / ".cache").mkdir()
    dataset = nw.read(photos)
    assert len(dataset) == 21
    assert "dark/more/deep.PNG" in dataset.features.names


def test_a_loop_of_links_ends(photos):
    (photos / "dark" / "again").symlink_to(photos / "dark")
    (photos / "dark" / "up").symlink_to(photos)
    assert len(nw.read(photos)) >= 20
    (photos / "dark" / "up").unlink()
    assert len(nw.read(photos)) == 20


def test_the_fingerprint_follows_the_pixels(photos, picture):
    before = nw.read(photos).fingerprint
    assert nw.read(photos).fingerprint == before
    picture(photos / "dark" / "3.png", 90)
    assert nw.read(photos).fingerprint != before


def test_unlabelled_images_are_named_from_their_folder(photos):
    found = unlabelled(photos)
    assert (len(found), found.names[0]) == (20, "dark/0.png")
    assert unlabelled(photos / "dark" / "4.png").names == ["4.png"]


def refused(path, words, **options):
    with pytest.raises(DataError, match=words):
        nw.read(path, **options)


def test_what_is_no_folder_of_classes_is_refused(tmp_path, picture):
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(empty, r"empty: no image is in this folder; expected one sub-folder a class")
    picture(tmp_path / "loose" / "a.png", 9)
    refused(tmp_path / "loose", r"1 images such as a.png lie in no class's folder; expected one sub-folder")
    picture(tmp_path / "one" / "cat" / "a.png", 9)
    refused(tmp_path / "one", r"target 'class' has one class only, 'cat' in all 1 rows")
    (tmp_path / "one" / "dog").mkdir()
    refused(tmp_path / "one", r"class dog/ has no image; remove the folder, or add files ending in \.png")
    picture(tmp_path / "one" / "dog" / "a.png", 9)
    refused(tmp_path / "one", "leave out target=, --target", target="label")


def test_parts_with_other_classes_are_refused(tmp_path, picture):
    for name in ("train/a/1.png", "train/b/1.png", "test/c/1.png"):
        picture(tmp_path / name, 9)
    refused(tmp_path, "class c/ of the test images has no training images")
    picture(tmp_path / "other" / "1.png", 9)
    refused(tmp_path, r"folder other/ lies beside test/; expected classes within the parts only")


def test_files_that_cannot_be_read_are_listed_and_left_out_only_on_request(photos):
    (photos / "dark" / "3.png").write_bytes((photos / "dark" / "3.png").read_bytes()[:60])
    (photos / "dark" / "4.png").write_text("<html>not found</html>")
    (photos / "light" / "5.png").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        nw.read(photos)
    message = str(caught.value)
    assert "3 of 20 images cannot be read: dark/3.png is damaged" in message
    assert "dark/4.png is text, no image" in message
    assert "light/5.png is empty" in message
    assert "skip_corrupt=True (--skip-corrupt)" in message
    dataset = nw.read(photos, skip_corrupt=True)
    assert len(dataset) == 17
    assert "dark/3.png" not in dataset.features.names
    assert "3 images that cannot be read were left out" in str(dataset.schema)
