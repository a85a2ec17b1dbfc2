"""Private servers of the installed packages: PostgreSQL with PostGIS, Redis, Mosquitto.

``make run`` and the tests start theirs here, the same way. Each has its own data folder, listens on a
unix socket (Mosquitto: a loopback port) and runs unprivileged. Nothing listens to the network.
"""

import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from geodata.database_roles import PUBLIC, READER, RECORDER, ROOM
from model.errors import Unavailable
from services.launch.privileges import account_options, can_enter, server_account, spawn

PACKAGES = {
    "postgres": "postgresql and postgresql-postgis (on Debian: postgresql postgis postgresql-15-postgis-3)",
    "redis-server": "redis-server",
    "mosquitto": "mosquitto",
}

POSTGRES_OPTIONS = (
    "listen_addresses=",
    "max_connections=200",
    # A question over all days locks every daily partition and its index.
    "max_locks_per_transaction=256",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
    # A demo city writes its thirteen months at once; its checkpoints come as fast as they should.
    "checkpoint_warning=0",
    "work_mem=32MB",
    "maintenance_work_mem=256MB",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
)
POSTGRES_FOR_TESTS = ("fsync=off", "full_page_writes=off")
"""Nothing outlasts a power cut, but what was committed outlasts a kill -9, as tests of it must find it."""


@dataclass
class Server:
    """A private server: where it answers, how it is started, found ready and stopped.

    ``url`` holds for its whole life, so a server that died is started again under the same address.
    """

    name: str
    url: str
    command: list[str | Path]
    folder: Path
    log: Path
    ready: Callable[[], object]
    account: pwd.struct_passwd | None = None
    stopping: signal.Signals = signal.SIGTERM
    leftovers: tuple[Path, ...] = field(default=())
    process: subprocess.Popen[bytes] | None = None

    def start(self, patience_s: float = 60.0) -> "Server":
        """Start it and wait until it answers; Unavailable quotes the end of its log when it does not."""
        self.process = spawn(self.command, account=self.account, dying=self.stopping, log=self.log, cwd="/")
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.ready()
            except (psycopg.Error, redis.RedisError, OSError):
                time.sleep(0.05)
            else:
                return self
        # Its sockets' folder stays: the next try needs it.
        self._end(2)
        tail = self.log.read_text(errors="replace")[-600:] if self.log.exists() else ""
        raise Unavailable(f"{self.name} did not start within {patience_s:.0f} s; {self.log} ends: {tail}")

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, patience_s: float = 10.0) -> None:
        """Stop it in order; kill it when it takes longer than ``patience_s``; take its sockets away."""
        self._end(patience_s)
        for path in self.leftovers:
            shutil.rmtree(path, ignore_errors=True)

    def _end(self, patience_s: float) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stopping)
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port(wanted: int = 0) -> int:
    """``wanted`` if it is free on the loopback, else any port that is."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Unavailable("no free port on the loopback address")


def postgres_bin(name: str) -> Path:
    """The newest installed PostgreSQL's program ``name``; Unavailable says what to install."""
    roots = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name.split(".")[0]))
    found = next((root / name for root in roots if (root / name).exists()), None)
    on_path = shutil.which(name)
    if found or on_path:
        return found or Path(str(on_path))
    raise Unavailable(f"{name} is not installed: install {PACKAGES['postgres']}")


def program(name: str) -> Path:
    """The installed program ``name``, also in sbin; Unavailable says what to install."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not found:
        raise Unavailable(f"{name} is not installed: install {PACKAGES[name]}")
    return Path(found)


def data_folder(wanted: Path, account: pwd.struct_passwd | None) -> Path:
    """A folder for server data that ``account`` can enter: ``wanted``, else one under /var/tmp.

    The second is named after the first, so the next start finds it again (a checkout in root's home).
    """
    wanted.mkdir(parents=True, exist_ok=True)
    if can_enter(wanted, account):
        return wanted
    name = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    elsewhere = Path("/var/tmp") / f"vigie-{name}"  # noqa: S108 - owned and closed below
    elsewhere.mkdir(mode=0o711, exist_ok=True)
    if elsewhere.stat().st_uid != os.geteuid():
        raise Unavailable(f"{elsewhere} belongs to somebody else; set VIGIE_VAR to a folder of yours")
    return elsewhere


def _owned(folder: Path, account: pwd.struct_passwd | None) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _socket_folder(account: pwd.struct_passwd | None) -> Path:
    """A short closed folder for sockets: their path has a limit of about 100 characters."""
    return _owned(Path(tempfile.mkdtemp(prefix="vigie-")), account)


def start_postgres(folder: Path, database: str = "vigie", *, durable: bool = True) -> Server:
    """PostgreSQL in ``folder`` with ``database`` made; ``durable=False`` (tests) skips fsync.

    Recovers from a kill -9: a server left behind on the same data is stopped first.
    """
    account = server_account()
    home = _owned(data_folder(folder, account) / "postgres", account)
    if not (home / "PG_VERSION").exists():
        _initialise(home, account)
    _stop_stray(home, account)
    _admit_us_alone(home, account)
    sockets = _socket_folder(account)
    log = folder / "postgres.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [postgres_bin("postgres"), "-D", home, "-k", sockets]
    for option in POSTGRES_OPTIONS + (() if durable else POSTGRES_FOR_TESTS):
        command += ["-c", option]
    url = f"postgresql://vigie@/{database}?host={sockets}"
    return Server(
        "postgres",
        url,
        command,
        home,
        log,
        ready=lambda: ensure_database(url),
        account=account,
        stopping=signal.SIGINT,
        leftovers=(sockets,),
    ).start()


def _initialise(home: Path, account: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        [
            str(postgres_bin("initdb")),
            "-D",
            str(home),
            "-U",
            "vigie",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ],
        capture_output=True,
        check=False,
        cwd="/",
        **account_options(account),  # type: ignore[call-overload]
    )
    if done.returncode:
        raise Unavailable(f"initdb in {home} failed: {done.stderr.decode(errors='replace')[-400:]}")


def _admit_us_alone(home: Path, account: pwd.struct_passwd | None) -> None:
    """Let the account that launches, and no other of this machine, ask as the owner and as each role.

    The system itself says who asks (peer), so there is no password to keep, hand on or lose. It does not part
    the processes of ``serve`` from each other: they run as one account, which could read a file of passwords
    just as well. What parts them for good is a container each, as in production.
    """
    names = ("vigie", ROOM, RECORDER, READER, PUBLIC)
    for file, lines in {
        "pg_hba.conf": ["local all all peer map=vigie"],
        "pg_ident.conf": [f'vigie "{_own_name()}" {name}' for name in names],
    }.items():
        path = home / file
        path.write_text("\n".join(lines) + "\n")
        if account:
            os.chown(path, account.pw_uid, account.pw_gid)


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise Unavailable(
            f"account {os.geteuid()} has no name on this system, and a private PostgreSQL knows us by it: "
            "start Vigie as a named account, or give VIGIE_DATABASE_URL"
        ) from None


def _stop_stray(home: Path, account: pwd.struct_passwd | None) -> None:
    if not (home / "postmaster.pid").exists():
        return
    # Fails when the file is only a leftover, which the server then clears by itself.
    subprocess.run(
        [str(postgres_bin("pg_ctl")), "stop", "-D", str(home), "-m", "fast", "-t", "20"],
        capture_output=True,
        check=False,
        cwd="/",
        **account_options(account),  # type: ignore[call-overload]
    )


def ensure_database(url: str) -> None:
    """Create the database named in ``url`` (a private server's) when it is not there."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True, connect_timeout=2) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if not known:
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(str(name)))
            )


def start_redis(folder: Path, *, durable: bool = True) -> Server:
    """Redis in ``folder`` on a unix socket, never evicting; ``durable=False`` (tests) writes no file."""
    account = server_account()
    home = _owned(data_folder(folder, account) / "redis", account)
    sockets = _socket_folder(account)
    log = folder / "redis.log"
    command: list[str | Path] = [
        program("redis-server"), "--port", "0", "--unixsocket", sockets / "redis.sock", "--dir", home,
        "--maxmemory-policy", "noeviction", "--save", "", "--daemonize", "no",
        "--appendonly", "yes" if durable else "no", "--appendfsync", "everysec",
    ]  # fmt: skip
    url = f"unix://{sockets / 'redis.sock'}"
    ping = redis.Redis.from_url(url, socket_timeout=1).ping
    return Server("redis", url, command, home, log, ping, account, leftovers=(sockets,)).start()


def start_mosquitto(folder: Path) -> Server:
    """Mosquitto on a free loopback port, persistent, saving every second (faults.md 2.2)."""
    account = server_account()
    home = _owned(data_folder(folder, account) / "mosquitto", account)
    port = free_port()
    config = home / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
        f"persistence_location {home}/\nautosave_interval 1\nmax_queued_messages 200000\n"
        "max_inflight_messages 20000\n"
        "max_packet_size 1050000\nlog_dest stderr\nlog_type error\nlog_type warning\n"
    )
    if account:
        os.chown(config, account.pw_uid, account.pw_gid)
    log = folder / "mosquitto.log"
    return Server(
        "mosquitto",
        f"mqtt://127.0.0.1:{port}",
        [program("mosquitto"), "-c", config],
        home,
        log,
        ready=lambda: socket.create_connection(("127.0.0.1", port), 1).close(),
        account=account,
    ).start(15)
