"""Delimited files as they come: marks, encodings, delimiters, broken rows."""

from pathlib import Path

import pytest

from geodata.importer.delimited import DelimitedSource
from model.errors import BadFile


def opened(folder: Path, content: bytes, encoding: str = "", delimiter: str = "") -> DelimitedSource:
    path = folder / "rows.csv"
    path.write_bytes(content)
    return DelimitedSource(path, encoding, delimiter, "rows.csv")


def rows(source: DelimitedSource, size: int = 50_000) -> list[tuple[str, ...]]:
    found = []
    for batch in source.batches(frozenset(source.columns), size):
        found += list(zip(*(batch.text(column) for column in source.columns), strict=True))
    return found


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("\ufeffnom;lieu\nÉcole;ici\n".encode(), "utf-8-sig"),
        ("nom;lieu\nÉcole;ici\n".encode(), "utf-8"),
        ("nom;lieu\nÉcole;ici\n".encode("utf-16"), "utf-16"),
        ("nom;lieu\nÉcole;ici\n".encode("cp1252"), "cp1252"),
        (b"nom;lieu\n\xc9cole;ici\x81\n", "latin-1"),
    ],
)
def test_the_encoding_is_found_and_the_first_column_is_clean(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    source = opened(tmp_path, content)
    assert source.encoding == encoding
    assert source.columns == ("nom", "lieu")
    assert rows(source) == [("École", "ici")]
    guessed = [values["encoding"] for code, values in source.notes if code == "encoding_guessed"]
    assert guessed == ([encoding] if encoding in ("cp1252", "latin-1") else [])


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_splits_the_header(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "a,b;c", "nom"], ["1", "x", "Rue ; de, la | paix"]]
    content = "\r\n".join(delimiter.join(f'"{field}"' for field in line) for line in lines)
    source = opened(tmp_path, content.encode())
    assert source.delimiter == delimiter
    assert rows(source) == [("1", "x", "Rue ; de, la | paix")]


def test_rows_are_numbered_like_a_spreadsheet_and_broken_ones_named(tmp_path: Path) -> None:
    source = opened(tmp_path, b"\nid;nom\n1;a\n2;b;c\n\n3;\n;\n4\n")
    batches = list(source.batches(frozenset(["id", "nom"])))
    assert [batch.rows.tolist() for batch in batches] == [[2, 5]]
    assert batches[0].broken == {3: 3, 7: 1}


def test_batches_do_not_depend_on_their_size(tmp_path: Path) -> None:
    content = "id;nom\n" + "".join(f'{n};"ligne\n{n}"\n' for n in range(25))
    source = opened(tmp_path, content.encode())
    assert rows(source, 4) == rows(source) == [(str(n), f"ligne {n}") for n in range(25)]


@pytest.mark.parametrize(
    ("content", "encoding", "says"),
    [
        (b"", "", "no header"),
        (b"id;id\n1;2\n", "", "twice"),
        (b"id;nom\n1;\xc9\n", "utf-8", "not utf-8"),
        (b"id;nom\n1;a\n", "no-such", "unknown"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_name(
    tmp_path: Path, content: bytes, encoding: str, says: str
) -> None:
    with pytest.raises(BadFile, match=says) as refused:
        rows(opened(tmp_path, content, encoding))
    assert "rows.csv" in str(refused.value)
