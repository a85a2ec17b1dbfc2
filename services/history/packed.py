"""Many rows out of PostgreSQL as columns in one: a million in about a second.

A driver makes objects of every row, and COPY hands over one message a row; here the server packs each column
into one value of bytes, in the order of the rows, and numpy reads it as it is.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

_SENT = {"integer": ("int4send", ">i4"), "smallint": ("int2send", ">i2"), "bigint": ("int8send", ">i8"),
         "float8": ("float8send", ">f8")}  # fmt: skip


def columns_of_rows(
    connection: Connection, rows: str, bounds: dict[str, Any], **kinds: str
) -> dict[str, npt.NDArray[Any]]:
    """The rows of the query ``rows`` as columns, in its order: ``kinds`` names each column and its type.

    ``rows`` is SQL of ours; what somebody sent is bound by ``bounds``. No column may hold NULL.
    """
    packing = ", ".join(f"string_agg({_SENT[kind][0]}({name}), ''::bytea)" for name, kind in kinds.items())
    packed = connection.execute(text(f"SELECT {packing} FROM ({rows}) packed_row"), bounds).one()  # noqa: S608
    return {
        name: np.frombuffer(column or b"", _SENT[kind][1])
        for (name, kind), column in zip(kinds.items(), packed, strict=True)
    }
