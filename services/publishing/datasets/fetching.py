"""Many rows out of PostgreSQL as Arrow columns, texts and nulls included: COPY as CSV, parsed by Arrow."""

import io
from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import Connection


def fetched(
    connection: Connection,
    question: LiteralString,
    bounds: Mapping[str, object],
    types: Mapping[str, pa.DataType],
) -> pa.Table:
    """The rows of ``question``, a ``COPY (…) TO STDOUT (FORMAT csv)`` of ours, as a table.

    ``types`` names its columns in order, with their types; ``bounds`` fill psycopg's ``%(name)s``.
    """
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    body = io.BytesIO()
    with driver.cursor() as cursor, cursor.copy(question, bounds) as copy:
        for block in copy:
            body.write(block)
    if not body.tell():
        return pa.schema(list(types.items())).empty_table()
    body.seek(0)
    return csv.read_csv(
        body,
        read_options=csv.ReadOptions(column_names=list(types)),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict(types),
            # PostgreSQL writes NULL as nothing and an empty text as "".
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
