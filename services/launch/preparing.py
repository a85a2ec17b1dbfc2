"""Everything between an empty folder and a city that can be served: lock, servers, keys, schema, data.

Each step says what it does before it does it, and is skipped when there is nothing to do, so that a
second start takes seconds.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import Columns, read_columns
from geodata.database import migrate, open_engine
from geodata.database_roles import READER, RECORDER, ROLE_OF, ROOM, address_for, set_passwords
from geodata.profiles import CityProfile, read_profile
from model.errors import Unavailable, VigieError
from services.launch.servers import (
    Server,
    free_port,
    start_mosquitto,
    start_postgres,
    start_redis,
)
from services.settings import Settings

Tell = Callable[[str], None]
RUNNING = "running.json"
PASSWORD_OF = {ROOM: "room_password", RECORDER: "recorder_password", READER: "reader_password"}
"""The setting that holds the password of a role."""
_OF_THE_ROOM = ("secret", "oidc_client_secret")
_OF_THE_ALARMS = ("channels",)
WITHHELD = {
    "web": _OF_THE_ALARMS,
    "public": ("redis_url", "mqtt_url", "intake_key", *_OF_THE_ROOM, *_OF_THE_ALARMS),
    **dict.fromkeys(("ingest", "record", "publish", "simulate"), (*_OF_THE_ROOM, *_OF_THE_ALARMS)),
    "alarm": ("mqtt_url", "intake_key", *_OF_THE_ROOM),
}
"""What a process needs not know: the public door shows files; people sign in to the control room alone."""


class AlreadyRunning(Unavailable):
    """Another process holds this installation."""


@dataclass
class Ground:
    """What a running city stands on: the servers we started and the settings that reach them."""

    settings: Settings
    servers: list[Server] = field(default_factory=list)

    @property
    def private(self) -> bool:
        """Whether the database is one we started: then its roles are reached without passwords."""
        return any(server.name == "postgres" for server in self.servers)

    def stop(self) -> None:
        """Stop the servers, the last started first."""
        for server in reversed(self.servers):
            server.stop()


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold ``var`` for this process; Unavailable names the process that has it. Freed by any death."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "vigie.lock").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            raise AlreadyRunning(f"a Vigie already runs on {var} (process {held.read().strip()})") from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


@contextmanager
def ground(settings: Settings, tell: Tell) -> Iterator[Ground]:
    """The ground for one command: servers of our own for its time, or those of a Vigie that runs here."""
    with ExitStack() as stack:
        try:
            stack.enter_context(only_one(settings.var))
        except AlreadyRunning:
            yield Ground(running(settings))
            return
        laid = lay_ground(settings, tell)
        stack.callback(laid.stop)
        yield laid


def running(settings: Settings) -> Settings:
    """``settings`` with the addresses and the key of the Vigie that runs on ``settings.var``.

    Addresses that a setting gives stay. Raises Unavailable when none runs there, or another city's.
    """
    file = settings.var / RUNNING
    if not file.exists():
        raise Unavailable(f"no Vigie runs on {settings.var}, or it is still starting: try again in a moment")
    known = json.loads(file.read_text())
    if known["city"] != settings.city:
        raise Unavailable(f"the Vigie running on {settings.var} shows {known['city']}: stop it first")
    found = {name: value for name, value in known.items() if name not in settings.model_fields_set}
    for name in ("intake_key", "secret"):
        found[name] = getattr(settings, name) or SecretStr(kept_secret(settings.var, name))
    return settings.model_copy(update=found)


def columns_if_running(settings: Settings, profile: CityProfile) -> Columns | None:
    """The city's assets, from the database set or of the Vigie that runs here; None where there is none."""
    try:
        found = settings if settings.database_url else running(settings)
    except VigieError:
        return None
    engine = open_engine(str(found.database_url))
    try:
        return read_columns(engine, profile.area_kind)
    except (VigieError, SQLAlchemyError):
        return None
    finally:
        engine.dispose()


def announce(settings: Settings) -> None:
    """Leave where this Vigie answers for other commands on the same folder; no secret among it."""
    shared = ("city", "database_url", "redis_url", "mqtt_url", "intake_port", "simulator_port")
    file = settings.var / RUNNING
    file.write_text(json.dumps({name: getattr(settings, name) for name in shared}))
    file.chmod(0o600)


def lay_ground(settings: Settings, tell: Tell) -> Ground:
    """Start the private servers that no setting replaces, and bring the database to the newest schema."""
    ground = Ground(settings)
    try:
        _servers(ground, tell)
        tell("schema: bringing the database to the newest version")
        bring_up_to_date(ground.settings)
    except BaseException:
        ground.stop()
        raise
    return ground


def _servers(ground: Ground, tell: Tell) -> None:
    var, settings = ground.settings.var, ground.settings
    found: dict[str, object] = {}
    if settings.database_url is None:
        tell("PostgreSQL: starting a private server under var/")
        ground.servers.append(start_postgres(var, read_profile(settings.city).database))
        found["database_url"] = ground.servers[-1].url
    if settings.redis_url is None:
        tell("Redis: starting a private server under var/")
        ground.servers.append(start_redis(var))
        found["redis_url"] = ground.servers[-1].url
    if settings.mqtt_url is None:
        found |= _broker(ground, tell)
    for name in ("intake_key", "secret"):
        found[name] = getattr(settings, name) or SecretStr(kept_secret(var, name))
    ground.settings = settings.model_copy(update=found)
    announce(ground.settings)


def _broker(ground: Ground, tell: Tell) -> dict[str, object]:
    if shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") is None:
        tell("Mosquitto: not installed, simulated senders use HTTP push alone")
        return {}
    tell("Mosquitto: starting a private broker under var/")
    ground.servers.append(start_mosquitto(ground.settings.var))
    return {"mqtt_url": ground.servers[-1].url}


def kept_secret(var: Path, name: str) -> str:
    """The secret ``name`` of this installation, made once, readable by its owner alone."""
    file = var / "secrets" / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(32))
    return file.read_text().strip()


def free_ports(settings: Settings, tell: Tell) -> Settings:
    """The settings with ports that are free now; each one that had to move is told."""
    moved: dict[str, object] = {}
    for name in ("port", "public_port", "intake_port", "simulator_port", "identity_port"):
        wanted = getattr(settings, name)
        port = free_port(wanted)
        if port != wanted:
            tell(f"port {wanted} is taken: using {port} (set VIGIE_{name.upper()} to choose)")
        moved[name] = port
    return settings.model_copy(update=moved)


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the database of ``settings`` as its owner, and give roles the passwords that are set."""
    url = str(settings.database_url)
    migrate(url)
    set_passwords(url, {role: plain for role in PASSWORD_OF if (plain := _password(settings, role))})


def _password(settings: Settings, role: str) -> str | None:
    secret: SecretStr | None = getattr(settings, PASSWORD_OF[role])
    return secret.get_secret_value() if secret else None


def settings_for(process: str, settings: Settings, *, private: bool) -> Settings:
    """``settings`` (of the owner) as ``process`` must know them: its own role's address, nobody's password.

    The database must be ``private`` (it knows our account), or the role's password set; otherwise the address
    stays as it is, and ``check`` names the process.
    """
    known: dict[str, object] = dict.fromkeys((*PASSWORD_OF.values(), "secrets"))
    role = ROLE_OF[process]
    password = _password(settings, role) if role else None
    if private or password or role is None:
        known["database_url"] = address_for(str(settings.database_url), process, password)
    known |= dict.fromkeys(WITHHELD.get(process, ()))
    return settings.model_copy(update=known)


def worker_env(settings: Settings) -> dict[str, str]:
    """The environment in which a worker reads exactly ``settings``."""
    env = dict(os.environ)
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is None:
            env.pop(f"VIGIE_{name.upper()}", None)
            continue
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        env[f"VIGIE_{name.upper()}"] = str(plain)
    return env
