"""Nothing anybody sends becomes part of an SQL statement: what is put together is made of our own constants.

Every f-string, ``format``, ``%`` and ``+`` that ends in a statement is found in the syntax tree; each name in
it must be a constant of its module, or stand in the list below with its reason.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("callbacks", "geodata", "intake", "layouts", "model", "public", "services")
EXECUTING = {
    "text",
    "execute",
    "executemany",
    "scalar",
    "scalars",
    "exec_driver_sql",
    "SQL",
    "ask_once",
    "copy",
}

OUR_OWN = {
    ("geodata/areas.py", "areas_at('a.place')"): "an expression of ours, of a constant",
    ("geodata/asking.py", "parts"): "``statement`` itself: every call of it is looked at here too",
    ("geodata/demo_city/build.py", "table"): "names of our own tables, from a constant",
    ("geodata/importer/bulk.py", "table"): "the target's table, from the declared targets",
    ("geodata/importer/run.py", "setting"): "settings of a constant",
    ("geodata/importer/staging.py", "which"): "a question of ours",
    ("geodata/importer/store.py", "upsert.table"): "the target's table, from the declared targets",
    ("geodata/importer/store.py", "table"): "the target's table, from the declared targets",
    ("geodata/partitions.py", "old"): "a constant and a month as digits",
    ("services/access/reading.py", "where"): "conditions of a constant, joined",
    ("services/boards/demo_past.py", "days_of_question(_QUESTIONS[one.kpi.recipe])"): "recipes' questions",
    ("services/boards/engine.py", "one.days_sql"): "a recipe's question (services/boards/recipes)",
    ("services/boards/reading.py", "_rows(period, 'area_id = :area')"): "one of two constants",
    ("services/boards/reading.py", "_rows(period, 'area_id > 0')"): "one of two constants",
    ("services/boards/verifying.py", "one.days_sql"): "a recipe's question (services/boards/recipes)",
    ("services/history/archive/archive.py", "partition_of(day)"): "a constant and a date as digits",
    ("services/history/archive/archive_file.py", "partition_of(day)"): "a constant and a date as digits",
    ("services/history/archive/archive_file.py", "table"): "partition_of a day",
    ("services/history/archive/cold.py", "source"): "a constant, with or without another",
    ("services/history/archive/cold.py", "question"): "DuckDB over files; callers hand constants",
    ("services/history/archive/status.py", "name"): "names read from the catalogue of our own partitions",
    ("services/history/figures/packed.py", "packing"): "names of columns that callers write themselves",
    ("services/history/figures/packed.py", "rows"): "a question of the caller's own constants",
    ("services/history/figures/ranking.py", "table"): "from a constant, by what was asked for",
    ("services/notes/annotations.py", "which"): "one of the conditions of a constant",
    ("services/registry/finding.py", "every"): "our expression and the numbers of bound words",
}
"""What is put into statements beside constants: where, what, and why nobody can have sent it."""


def files() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield ROOT / "app.py"


def constants_of(tree: ast.Module) -> set[str]:
    """Names assigned at the top of a module, and those imported in capitals."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ImportFrom | ast.Import):
            found |= {alias.asname or alias.name for alias in node.names if alias.name.isupper()}
    return found


def put_together(node: ast.expr) -> list[ast.expr]:
    """The expressions put into ``node`` when it is a text made of pieces; empty when it is not."""
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return [side for side in (node.left, node.right) if not isinstance(side, ast.Constant)]
    is_format = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    )
    if is_format and not _composed(node.func.value):  # type: ignore[union-attr, attr-defined]
        return [*node.args, *(keyword.value for keyword in node.keywords)]  # type: ignore[attr-defined]
    return []


def _composed(node: ast.expr) -> bool:
    """Whether psycopg's own composition formats it, which quotes every piece."""
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", "")) == "SQL"


def statements(tree: ast.Module) -> Iterator[tuple[int, list[ast.expr]]]:
    """The pieces of every expression handed on as an SQL statement, with its line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in EXECUTING:
            yield node.lineno, [piece for argument in node.args[:2] for piece in put_together(argument)]
        if name == "statement":
            yield node.lineno, [keyword.value for keyword in node.keywords if keyword.arg]


def foreign(source: str) -> list[tuple[int, str]]:
    """Line and expression of the pieces of statements in ``source`` that are no constants of it."""
    tree = ast.parse(source)
    known = constants_of(tree)
    found = []
    for line, pieces in statements(tree):
        for piece in pieces:
            names = {one.id for one in ast.walk(piece) if isinstance(one, ast.Name)}
            if not names <= known:
                found.append((line, ast.unparse(piece)))
    return found


def test_no_statement_holds_what_somebody_sent() -> None:
    found = {
        (str(path.relative_to(ROOT)), piece): line
        for path in files()
        for line, piece in foreign(path.read_text(encoding="utf-8"))
    }
    assert {where: line for where, line in found.items() if where not in OUR_OWN} == {}
    assert set(OUR_OWN) - set(found) == set(), "listed, and no longer there"


@pytest.mark.parametrize(
    "source",
    [
        "connection.execute(text(f'SELECT {name}'))",
        "connection.execute(text('SELECT ' + name))",
        "connection.execute('SELECT %s' % name)",
        "connection.execute(text('SELECT {}'.format(name)))",
        "cursor.execute(f'COPY {table} FROM STDIN')",
        "ask_once(engine, f'SELECT {asked.area}', {})",
    ],
)
def test_the_search_finds_such_a_statement(source: str) -> None:
    assert foreign(source)


@pytest.mark.parametrize(
    "source",
    [
        "connection.execute(text('SELECT :name'), {'name': name})",
        "_TABLE = 'asset'\nconnection.execute(text(f'SELECT FROM {_TABLE}'))",
        "connection.execute(SQL('SELECT {}').format(Identifier(name)))",
    ],
)
def test_bound_values_and_our_own_constants_are_fine(source: str) -> None:
    assert foreign(source) == []
