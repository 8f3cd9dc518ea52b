import os

import pytest

from netwright.core import atomic


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "new" / "file.txt"
    atomic.write_text(path, "erste Fassung: ä")
    atomic.write_text(path, "zweite")
    assert path.read_text(encoding="utf-8") == "zweite"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch, broken):
    path = tmp_path / "file"
    atomic.write_bytes(path, b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="disk full"):
        atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_new_content_is_on_disk_before_it_gets_its_name(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("fsync"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append("replace"), replace(a, b)))
    atomic.write_bytes(tmp_path / "file", b"x")
    assert order == ["fsync", "replace", "fsync"]


def test_a_file_written_in_parts_is_there_only_when_it_is_whole(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with atomic.opened(path) as file:
        file.write(b"new ")
        file.write(b"parts")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new parts"
    with pytest.raises(TypeError), atomic.opened(path) as file:
        file.writelines([b"half", "no bytes"])
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("table.csv", "new parts")]
