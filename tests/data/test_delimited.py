import gzip

import pytest

from netwright.core.errors import DataError
from netwright.data.delimited import line_of, read_delimited

GOOD = "age,job\n39,clerk\n50,manager\n"


@pytest.fixture
def write(tmp_path):
    def write_file(content, name="table.csv"):
        path = tmp_path / name
        content = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write_file


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (GOOD, "table.csv"),
        (GOOD, "table.csv.gz"),
        (GOOD.replace(",", "\t"), "table.tsv"),
        (GOOD.replace(",", "\t"), "table.csv"),
        (GOOD.replace(",", ";"), "table.csv"),
        ("\ufeff" + GOOD, "table.csv"),
        (GOOD.replace("\n", "\r\n"), "table.csv"),
        ("\n\n" + GOOD.replace("\n", "\n\n"), "table.csv"),
        (GOOD.replace("clerk", '"clerk"'), "table.csv"),
        (GOOD.removesuffix("\n"), "table.csv"),
    ],
)
def test_cells_are_read_as_text(write, content, name):
    frame = read_delimited(write(content, name))
    assert frame.to_dict(as_series=False) == {"age": ["39", "50"], "job": ["clerk", "manager"]}


def test_quoted_cells_may_hold_separators_and_line_breaks(write):
    frame = read_delimited(write('a,b\n"1,5","two\nlines"\n2,"said ""hi"""\n'))
    assert frame["a"].to_list() == ["1,5", "2"]
    assert frame["b"].to_list() == ["two\nlines", 'said "hi"']


def test_a_column_without_a_name_gets_one(write):
    assert read_delimited(write(",x\n0,1\n")).columns == ["column 1", "x"]


def test_other_encodings_are_read_when_named(write):
    assert read_delimited(write("a,b\né,1\n".encode("latin-1")), "latin-1")["a"].to_list() == ["é"]
    assert read_delimited(write("a,b\né,1\n".encode("utf-16")), "utf-16")["a"].to_list() == ["é"]


def test_a_row_knows_its_line(write):
    path = write('\na,b\n1,"two\nlines"\n\n2,3\n')
    assert [line_of(path, row) for row in (0, 1)] == [4, 6]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty, expected a header line and rows"),
        (" \n\n", "is empty"),
        ("a,b\n", "has a header but no rows"),
        ("a,b", "has a header but no rows"),
        ("a,b\n1,2\n3\n", "line 3 has 1 cells, expected 2 as in the header"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 cells, expected 2"),
        ('a,b\n"1\n1",2\n\n3\n', "line 5 has 1 cells, expected 2"),
        ("a,b,a\n1,2,3\n", "column name 'a' occurs 2 times; rename all but one"),
        ("a,b\n1,é\n".encode("latin-1"), r"line 2 is not utf-8 \(0xe9\); read it with encoding='latin-1'"),
        ("é,b\n1,2\n".encode("latin-1"), r"line 1 is not utf-8 \(0xe9\)"),
        ("a,b\n1,2\n".encode("utf-16"), "is UTF-16, not UTF-8; read it with encoding='utf-16'"),
        (b"\x7fELF\x02\x01\x00\x00\x01,\n", "is binary \\(byte 0 at 6\\), expected text"),
    ],
)
@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_files_that_are_refused(write, content, name, message):
    path = write(content, name)
    with pytest.raises(DataError, match=f"{name}: {message}") as error:
        read_delimited(path)
    assert len(str(error.value).splitlines()) <= 2


def test_an_unknown_encoding_is_refused(write):
    with pytest.raises(DataError, match="encoding 'utf-9' is not known"):
        read_delimited(write(GOOD), "utf-9")


def test_a_damaged_archive_is_refused(write):
    path = write(GOOD * 1000, "table.csv.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"table.csv.gz: cannot be read"):
        read_delimited(path)


def test_a_late_ragged_row_in_a_large_file_names_its_line(write):
    path = write("a,b\n" + "1,2\n" * 3_000_000 + "3\n")
    with pytest.raises(DataError, match="line 3000002 has 1 cells"):
        read_delimited(path)
