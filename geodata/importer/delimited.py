"""Delimited text (CSV and its kin): encoding, delimiter and header found, rows read as they stream."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from geodata.importer.batch import BATCH, Batch
from geodata.importer.words import clean
from model.errors import BadFile

DELIMITERS = (";", ",", "\t", "|")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LONGEST_FIELD = 16_000_000
PIECE = 1 << 20


class DelimitedSource:
    """A delimited file. It has no coordinate system of its own: the profile says one.

    The encoding is the profile's, else the byte order mark's, else UTF-8 if the whole file is, else
    Windows-1252 (Latin-1 where even that has holes), which the report then says.
    """

    crs: str | None = None
    count: int | None = None

    def __init__(self, path: Path, encoding: str, delimiter: str, shown: str) -> None:
        self._path, self._shown = path, shown
        self.notes: list[tuple[str, dict[str, str]]] = []
        self.encoding = encoding or self._found_encoding()
        with self._open() as stream:
            first = self._first_line(stream)
        self.delimiter = delimiter or _likely_delimiter(first)
        self.columns = self._header()

    def _open(self) -> TextIO:
        try:
            return self._path.open(encoding=self.encoding, newline="")
        except LookupError:
            raise BadFile(
                f"{self._shown}: the encoding {self.encoding!r} is unknown; try utf-8 or cp1252"
            ) from None

    def _first_line(self, stream: TextIO) -> str:
        try:
            return next((line for line in stream if line.strip()), "")
        except UnicodeDecodeError as error:
            raise self._not_text(error) from None

    def _found_encoding(self) -> str:
        with self._path.open("rb") as stream:
            head = stream.read(4)
        marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
        if marked:
            return marked
        found = next(name for name in ("utf-8", "cp1252", "latin-1") if _decodes(self._path, name))
        if found != "utf-8":
            self.notes.append(("encoding_guessed", {"encoding": found}))
        return found

    def _header(self) -> tuple[str, ...]:
        with self._open() as stream:
            names = [clean(name) for name in next(self._reader(stream), [])]
        if not any(names):
            raise BadFile(f"{self._shown}: has no header row with column names")
        repeated = sorted({name for name in names if name and names.count(name) > 1})
        if repeated:
            raise BadFile(f"{self._shown}: the columns {', '.join(repeated)} stand twice in the header")
        return tuple(names)

    def _reader(self, stream: TextIO) -> Iterator[list[str]]:
        """Rows as lists of fields, blank lines at the head left out."""
        csv.field_size_limit(LONGEST_FIELD)
        reader = csv.reader(stream, delimiter=self.delimiter, skipinitialspace=True)
        started = False
        try:
            for fields in reader:
                started = started or any(fields)
                if started:
                    yield fields
        except csv.Error as error:
            raise BadFile(f"{self._shown}, line {reader.line_num}: {error}") from None
        except UnicodeDecodeError as error:
            raise self._not_text(error) from None

    def _not_text(self, error: UnicodeDecodeError) -> BadFile:
        return BadFile(f"{self._shown}: is not {self.encoding} ({error.reason}); set encoding in the profile")

    def batches(self, columns: frozenset[str], size: int = BATCH) -> Iterator[Batch]:
        """The rows in file order, all columns as text; ``rows`` counts like a spreadsheet, header first."""
        with self._open() as stream:
            lines = enumerate(self._reader(stream), 1)
            next(lines, None)
            numbers: list[int] = []
            held: list[list[str]] = []
            broken: dict[int, int] = {}
            for number, fields in lines:
                self._sort_out(number, fields, numbers, held, broken)
                if len(held) + len(broken) >= size:
                    yield self._batch(numbers, held, broken, columns)
                    numbers, held, broken = [], [], {}
            if held or broken:
                yield self._batch(numbers, held, broken, columns)

    def _sort_out(
        self,
        number: int,
        fields: list[str],
        numbers: list[int],
        held: list[list[str]],
        broken: dict[int, int],
    ) -> None:
        """Put a row with the header's count of fields aside as held, any other as broken, blanks nowhere."""
        if not any(fields):
            return
        if len(fields) == len(self.columns):
            numbers.append(number)
            held.append(fields)
        else:
            broken[number] = len(fields)

    def _batch(
        self, numbers: list[int], held: list[list[str]], broken: dict[int, int], columns: frozenset[str]
    ) -> Batch:
        turned = list(zip(*held, strict=True)) or [()] * len(self.columns)
        named = {
            name: np.array(values, dtype=object)
            for name, values in zip(self.columns, turned, strict=True)
            if name in columns
        }
        return Batch(np.array(numbers, "i8"), named, None, broken)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _likely_delimiter(header: str) -> str:
    """The usual delimiter that splits the header into the most columns, quoted text left aside."""
    return max(DELIMITERS, key=lambda d: len(next(csv.reader([header], delimiter=d), [])))
