"""One person's part of the city, enforced by the database itself.

``scoped(engine, scope)`` is the same pool seen through a scope: every transaction begins by taking the role
``vigie_scoped``, whose row policies (migration 0010) let through what lies in the scope and nothing else. So
a question need not know who asks, and one that forgets to ask shows too little, never too much.
"""

from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Literal
from sqlalchemy import Connection, Engine, event

from model.viewer import Scope

_OPTION = "vigie_scope"
ROLE = "vigie_scoped"


def scoped(engine: Engine, scope: Scope) -> Engine:
    """``engine`` for somebody of ``scope``; the engine itself for the whole city. Shares its pool."""
    return engine if scope.whole else engine.execution_options(**{_OPTION: scope})


def scope_of(engine: Engine) -> Scope | None:
    """The scope ``engine`` was bound to; None: the whole city."""
    scope: Scope | None = engine.get_execution_options().get(_OPTION)
    return scope


def areas_of(engine: Engine) -> list[int] | None:
    """The ids of the areas ``engine`` is bound to; None: all."""
    scope = scope_of(engine)
    return None if scope is None or scope.areas is None else sorted(scope.areas)


def domains_of(engine: Engine) -> frozenset[str] | None:
    """The domains ``engine`` is bound to; None: all."""
    scope = scope_of(engine)
    return None if scope is None else scope.domains


def entering(scope: Scope) -> Composed:
    """The statement that narrows a transaction to ``scope`` until its end."""
    return SQL(
        "SELECT set_config('role', {}, true), set_config('vigie.areas', {}, true), "
        "set_config('vigie.domains', {}, true)"
    ).format(Literal(ROLE), Literal(_listed(scope.areas)), Literal(_listed(scope.domains)))


def _listed(names: frozenset[int] | frozenset[str] | None) -> str:
    return "*" if names is None else ",".join(sorted(map(str, names)))


def enter(connection: psycopg.Connection[Any], engine: Engine) -> None:
    """Narrow the transaction of a raw ``connection`` of ``engine`` to its scope, if it has one."""
    scope = scope_of(engine)
    if scope is not None:
        connection.execute(entering(scope))


def narrow(engine: Engine) -> None:
    """See that every transaction of ``engine``, and of all that share its pool, begins in its scope."""
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    scope: Scope | None = connection.get_execution_options().get(_OPTION)
    if scope is not None:
        raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
        raw.execute(entering(scope))
