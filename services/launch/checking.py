"""``check``: settings, packages, database, Redis, bundles and city profile, each problem with its mend."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import read_columns
from geodata.database import open_engine
from geodata.database_roles import standing
from geodata.profiles import read_profile
from model.errors import Unavailable, VigieError
from services.launch.servers import free_port, postgres_bin, program
from services.redis_clients import Scripts
from services.settings import ROOT, Settings


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found, and the mend when it is not right."""

    subject: str
    ok: bool
    found: str
    mend: str = ""


def check(settings: Settings) -> list[Finding]:
    """Look at everything a start needs, without changing anything."""
    looks: tuple[Callable[[Settings], Finding], ...] = (
        _profile,
        _database,
        _database_role,
        _relations,
        _redis,
        _bundles,
        _folder,
        _port,
    )
    return [look(settings) for look in looks]


def _profile(settings: Settings) -> Finding:
    try:
        profile = read_profile(settings.city)
    except VigieError as error:
        return Finding("city profile", False, str(error), "set VIGIE_CITY to a known profile")
    return Finding("city profile", True, f"{profile.title} ({profile.name}), {profile.time_zone}")


def _database(settings: Settings) -> Finding:
    if settings.database_url is None:
        return _installed("database", "postgres", "a private PostgreSQL will be started under var/")
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            version = connection.scalar(text("SELECT postgis_lib_version()"))
    except SQLAlchemyError as error:
        reason = type(error.__cause__ or error).__name__
        return Finding("database", False, f"no answer ({reason})", "start it, or mend VIGIE_DATABASE_URL")
    finally:
        engine.dispose()
    return Finding("database", True, f"PostGIS {version}")


def _database_role(settings: Settings) -> Finding:
    subject = "database role"
    if settings.database_url is None:
        return Finding(subject, True, "each process of `serve` asks as its own role")
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            found = standing(connection)
    except SQLAlchemyError:
        return Finding(subject, False, "not known while the database does not answer", "see above")
    finally:
        engine.dispose()
    if found.loose:
        mend = "ALTER ROLE ... NOSUPERUSER NOBYPASSRLS: without it scopes do not hold"
        return Finding(subject, False, f"{', '.join(found.loose)}: past row policies", mend)
    if found.excess:
        mend = "only migrate, demo, import and history need that; see docs/database-roles.md"
        return Finding(subject, False, f"{found.role} is {found.excess}", mend)
    return Finding(subject, True, f"{found.role}, which may what it needs")


def _relations(settings: Settings) -> Finding:
    """Whether what hangs on what can be relied on: it decides which alarm explains which."""
    from services.alarms import BROKEN, CHILDLESS, flaws_told, read_topology

    subject = "what hangs on what"
    if settings.database_url is None:
        return Finding(subject, True, "looked at where VIGIE_DATABASE_URL is set")
    engine = open_engine(settings.database_url)
    try:
        columns = read_columns(engine, read_profile(settings.city).area_kind)
        topology = read_topology(engine, columns)
    except (SQLAlchemyError, VigieError):
        return Finding(subject, False, "not known while database or city profile is not right", "see above")
    finally:
        engine.dispose()
    if broken := flaws_told(topology, columns, BROKEN):
        return Finding(subject, False, "; ".join(broken), "mend the parents in the source, and import again")
    bare = flaws_told(topology, columns, CHILDLESS)
    return Finding(subject, True, "; ".join(bare) or f"{len(columns)} assets, nothing broken")


def _installed(subject: str, name: str, found: str) -> Finding:
    try:
        path = postgres_bin(name) if name == "postgres" else program(name)
    except VigieError as error:
        return Finding(subject, False, str(error), "run `make packages`, or give an address of your own")
    return Finding(subject, True, f"{found} ({path})")


def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return _installed("Redis", "redis-server", "a private Redis will be started under var/")
    scripts = Scripts(settings.redis_url, deadline_s=1)
    try:
        version = scripts.version()
    except (Unavailable, ValueError) as error:
        return Finding("Redis", False, f"no answer ({error})", "start it, or mend VIGIE_REDIS_URL")
    finally:
        scripts.close()
    return Finding("Redis", True, f"Redis {version}")


def _bundles(_settings: Settings) -> Finding:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    vendor = ROOT / "assets" / "vendor"
    missing = [name for name in BUNDLES if not (vendor / name).exists()]
    if missing:
        return Finding("browser bundles", False, f"missing: {', '.join(missing)}", "run `make bundles`")
    return Finding("browser bundles", True, ", ".join(f"{n} {v}" for n, v in wanted.items()))


BUNDLES = ("maplibre-gl.mjs", "maplibre-gl.css")


def _folder(settings: Settings) -> Finding:
    try:
        settings.var.mkdir(parents=True, exist_ok=True)
        probe = settings.var / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding(
            "var folder", False, f"{settings.var}: {error.strerror}", "set VIGIE_VAR to a folder of yours"
        )
    return Finding("var folder", True, str(settings.var))


def _port(settings: Settings) -> Finding:
    if free_port(settings.port) != settings.port:
        return Finding("port", True, f"{settings.port} is taken (by a running Vigie?); another will be used")
    return Finding("port", True, f"{settings.port} is free")
