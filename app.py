"""Vigie's front doors and its command line. Imported by nobody.

``control_room``, ``devices_door`` and ``public_door`` make the three web applications, each for a process
of its own; the commands start them, alone or as one group. ``python app.py --help`` explains itself.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from geodata.profiles import read_profile
from model.errors import VigieError
from model.texts import words
from services.logs import set_up as set_up_logs
from services.settings import ROOT, Settings, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services.launch.supervisor import Worker

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Vigie, the operations control centre of a smart city.",
)
feeds = typer.Typer(no_args_is_help=True, help="The city's sources, and what a payload of theirs becomes.")
cli.add_typer(feeds, name="feed")
memory = typer.Typer(no_args_is_help=True, help="The city's memory: archive it, prove it, see what it holds.")
cli.add_typer(memory, name="history")
people = typer.Typer(no_args_is_help=True, help="People: the first administrator, and codes for lost ones.")
cli.add_typer(people, name="person")
audit = typer.Typer(no_args_is_help=True, help="Who did what: prove that the audit is as it was written.")
cli.add_typer(audit, name="audit")
log = logging.getLogger("vigie")
console = Console(stderr=True, highlight=False)
WORKERS = ("web", "ingest", "record", "publish", "public", "simulate")


# The three doors --------------------------------------------------------------------------------


def control_room(settings: Settings) -> "FastAPI":
    """The operators' application: Dash, the live stream and its routes. BadSettings when it is not safe."""
    from callbacks import build
    from services.city import open_city
    from services.launch.refusing import refuse_unsafe

    refuse_unsafe(settings, read_profile(settings.city).generated)
    return build(open_city(settings), assets=ROOT / "assets")


def devices_door(settings: Settings) -> "FastAPI":
    """The devices' application: observations come in by HTTP push and MQTT."""
    from intake.door import intake

    return intake(settings)


def public_door(settings: Settings) -> "FastAPI":
    """The public's application: artefacts that were published on purpose, and nothing else."""
    from public.door import public

    return public(settings)


# What the commands share ------------------------------------------------------------------------


@cli.callback()
def _begin(context: typer.Context) -> None:
    # Before any command: its logs, as the settings want them; wrong settings are the command's to refuse.
    name = str(context.invoked_subcommand)
    try:
        settings = read_settings()
    except VigieError:
        set_up_logs(name, form="json" if _for_machines() else "text")
    else:
        set_up_logs(name, settings.log_level, settings.log_format)


def _for_machines() -> bool:
    return os.environ.get("VIGIE_LOG_FORMAT") == "json"


def tell(message: str) -> None:
    """Say on the terminal what is being done; in the log, where that is for machines."""
    if _for_machines():
        log.info(Text.from_markup(message).plain)
        return
    console.print(f"[dim]{datetime.now():%H:%M:%S}[/dim] {message}", soft_wrap=True)  # noqa: DTZ005 - the reader's clock


@contextmanager
def progress(language: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar a step, on the terminal: ``step(label, done, total)``, the label a text or its key."""
    say = words(language)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def step(label: str, done: int, total: int | None) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(say(label) if say.has(label) else label, total=total)
            bars.update(tasks[label], completed=done, total=total)

        yield step


def serve_http(app: "FastAPI", host: str, port: int, level: str) -> None:
    """Run ``app`` under uvicorn until it is asked to stop; open streams get two seconds."""
    import uvicorn

    from services.launch.sockets import bound_what_waits

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level=level.lower(),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal it was stopped by once more when all is done: an end in order, not a death.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run(sockets=[bound_what_waits(config.bind_socket())])
    if not server.started:
        sys.exit(3)


def run_until_asked(work: Callable[[asyncio.Event], Coroutine[Any, Any, Any]]) -> None:
    """Run ``work(stop)`` and set ``stop`` on SIGINT or SIGTERM."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, stop.set)
        await work(stop)

    asyncio.run(main())


def settings_with_addresses() -> Settings:
    """The settings of a worker, which must be told where the database and Redis are."""
    settings = read_settings()
    for name in ("database_url", "redis_url"):
        if getattr(settings, name) is None:
            raise VigieError(f"VIGIE_{name.upper()} is not set: `serve` sets it, or give an address")
    return settings


# Serving ----------------------------------------------------------------------------------------


@cli.command()
def serve() -> None:
    """Run everything in one process group: servers, doors, recorder, publisher, simulated senders."""
    from services.launch.demo_identity import with_demo_identity
    from services.launch.preparing import announce, free_ports, lay_ground, only_one
    from services.launch.supervisor import Group

    wanted = read_settings()
    with only_one(wanted.var):
        ground = lay_ground(wanted, tell)
        try:
            if read_profile(ground.settings.city).generated:
                _build_demo(ground.settings)
            settings = free_ports(ground.settings, tell)
            settings = settings.model_copy(update={"demo_sign_in": _one_click(settings)})
            settings = with_demo_identity(settings, read_profile(settings.city).generated)
            announce(settings)
            workers = _workers(settings, private=ground.private)
            tell(f"control room  [bold]{settings.url or f'http://localhost:{settings.port}'}[/bold]")
            _first_administrator(settings)
            tell(f"public panels http://localhost:{settings.public_port}")
            tell("Ctrl-C stops everything; logs are in " + str(settings.var))
            Group(ground.servers, workers, tell).watch()
        finally:
            ground.stop()
    tell("stopped; nothing is left running")


def _one_click(settings: Settings) -> bool:
    """Whether this city's roles may be tried with one click: an invented city, on this machine alone."""
    return read_profile(settings.city).generated and settings.url_host is None


def _first_administrator(settings: Settings) -> None:
    """Say how to make one, where nobody could sign in yet."""
    from geodata.database import open_engine
    from services.access import People

    engine = open_engine(str(settings.database_url))
    try:
        if not settings.demo_sign_in and not People(engine).list():
            tell("nobody can sign in yet: `python app.py person add --login you --role administrator`")
    finally:
        engine.dispose()


def _workers(settings: Settings, *, private: bool) -> "list[Worker]":
    """The processes of one ``serve``, each as its own role; only an invented city gets simulated senders."""
    from services.launch.demo_identity import identity_worker, is_demo_identity
    from services.launch.preparing import settings_for, worker_env
    from services.launch.supervisor import Worker

    simulated = settings.simulate and read_profile(settings.city).generated
    names = WORKERS if simulated else tuple(name for name in WORKERS if name != "simulate")
    known = {name: settings_for(name, settings, private=private) for name in names}
    workers = [
        Worker(name, (sys.executable, ROOT / "app.py", name), worker_env(its), settings.var / f"{name}.log")
        for name, its in known.items()
    ]
    return [*workers, identity_worker(settings)] if is_demo_identity(settings) else workers


@cli.command()
def web() -> None:
    """Serve the control room alone (loopback only)."""
    settings = settings_with_addresses()
    serve_http(control_room(settings), settings.host, settings.port, settings.log_level)


@cli.command()
def ingest() -> None:
    """Serve the devices' door: HTTP push, and MQTT where a broker is set."""
    settings = settings_with_addresses()
    serve_http(devices_door(settings), settings.intake_host, settings.intake_port, settings.log_level)


@cli.command()
def record() -> None:
    """Keep the history in order: rollups, keyframes, partitions ahead, closed days, retention, the audit."""
    from geodata.database import open_engine
    from services.access import keep_audit
    from services.history import Archive, keep_archive, keep_rollups
    from services.live import keep_history

    settings = settings_with_addresses()
    profile = read_profile(settings.city)
    engine = open_engine(str(settings.database_url), statement_ms=120_000)

    archive = Archive(engine, settings.archive_folder)

    async def work(stop: asyncio.Event) -> None:
        await asyncio.gather(
            keep_rollups(engine, profile.zone, stop, archive=archive),
            keep_archive(engine, archive, settings.archive_after_days, stop),
            keep_history(engine, str(settings.redis_url), profile, stop),
            keep_audit(engine, stop),
        )

    run_until_asked(work)


@cli.command()
def publish(
    once: Annotated[bool, typer.Option(help="Publish once and end")] = False,
    revoke: Annotated[str | None, typer.Option(help="Take a publication back at once, and end")] = None,
    reinstate: Annotated[str | None, typer.Option(help="Allow a revoked publication again, and end")] = None,
) -> None:
    """Render the public artefacts from the history, at once and then whenever the data moved."""
    from geodata.database import open_engine
    from services.publishing import publish_loop, publish_once

    if revoke or reinstate:
        _withhold(read_settings(), revoke, reinstate)
        return
    settings = settings_with_addresses()
    profile = read_profile(settings.city)
    engine = open_engine(str(settings.database_url), statement_ms=60_000)
    if once:
        tell(str(publish_once(engine, settings, profile, datetime.now(UTC))))
    else:
        run_until_asked(lambda stop: publish_loop(engine, settings, profile, stop))


def _withhold(settings: Settings, revoke: str | None, reinstate: str | None) -> None:
    from services.publishing import artefact_store

    store = artefact_store(settings)
    done = store.revoke(revoke, datetime.now(UTC)) if revoke else store.reinstate(str(reinstate))
    if not done:
        raise VigieError(f"{revoke or reinstate}: not {'published' if revoke else 'revoked'}")
    tell(f"{revoke}: revoked" if revoke else f"{reinstate}: the publisher will publish it again")


@cli.command()
def public() -> None:
    """Serve the public door: published panels, from artefacts alone."""
    settings = read_settings()
    serve_http(public_door(settings), settings.public_host, settings.public_port, settings.log_level)


@cli.command()
def simulate(
    flaws: Annotated[float, typer.Option(help="How often something is told wrong; 0: never", min=0)] = 1.0,
) -> None:
    """Send the demo city's observations to the devices' door, in real time, by every feed it has."""
    from geodata.database import open_engine
    from services.simulation import simulate as senders

    settings = settings_with_addresses()
    engine = open_engine(str(settings.database_url))
    key = settings.intake_key.get_secret_value() if settings.intake_key else ""
    url = f"http://127.0.0.1:{settings.intake_port}"
    profile = read_profile(settings.city)
    run_until_asked(
        lambda stop: senders(
            engine,
            url,
            key,
            mqtt_url=settings.mqtt_url,
            port=settings.simulator_port,
            profile=profile,
            stop=stop,
            flaws=flaws,
        )
    )


@cli.command()
def replay(
    recording: Annotated[Path, typer.Argument(help="NDJSON, JSON or CSV of observations", exists=True)],
    speed: Annotated[float, typer.Option(help="60 plays an hour in a minute", min=0.01)] = 1.0,
    repeat: Annotated[float | None, typer.Option(help="Play it again every so many seconds")] = None,
) -> None:
    """Play a recording of observations into the running Vigie, its instants moved to now."""
    from services.launch.preparing import running
    from services.simulation import replay as play

    settings = running(read_settings())
    key = settings.intake_key.get_secret_value() if settings.intake_key else ""
    url = f"http://127.0.0.1:{settings.intake_port}"

    async def work(stop: asyncio.Event) -> None:
        tell(str(await play(recording, url, key, speed=speed, repeat_s=repeat, stop=stop)))

    run_until_asked(work)


# Data -------------------------------------------------------------------------------------------


@cli.command()
def demo() -> None:
    """Build the demo city, with 13 months behind it, where the database is empty."""
    from services.launch.preparing import ground

    with ground(read_settings(), tell) as laid:
        if not _build_demo(laid.settings):
            tell("the database already holds a city; nothing was changed")


def _build_demo(settings: Settings) -> bool:
    from geodata.database import open_engine
    from geodata.demo_city import build_demo_city, needs_demo

    engine = open_engine(str(settings.database_url), statement_ms=600_000)
    try:
        if not needs_demo(engine):
            return False
        tell("demo city: building an invented city of about 35,000 assets and its past")
        with progress(settings.language) as step:
            report = build_demo_city(
                engine, read_profile(settings.city), now=datetime.now(UTC), progress=step
            )
        tell(f"demo city: {sum(report.rows.values()):,} rows in {sum(report.seconds.values()):.0f} s")
        return True
    finally:
        engine.dispose()


@cli.command(name="import")
def import_(
    data: Annotated[Path, typer.Argument(help="A folder of a city's open data, or one file", exists=True)],
    city: Annotated[str | None, typer.Option(help="City profile; otherwise VIGIE_CITY")] = None,
    profile: Annotated[str | None, typer.Option(help="For one file: the import profile, e.g. lights")] = None,
    crs: Annotated[str | None, typer.Option(help="What the file's coordinates are, e.g. EPSG:2154")] = None,
    dry_run: Annotated[bool, typer.Option(help="Show the report and a map preview; store nothing")] = False,
) -> None:
    """Turn a folder of a city's open data (or one file) into assets, areas and streets."""
    from services.launch.preparing import ground

    settings = read_settings(**({"city": city} if city else {}))
    with ground(settings, tell) as laid:
        _import(laid.settings, data, profile, crs, dry_run)


def _import(settings: Settings, data: Path, profile: str | None, crs: str | None, dry_run: bool) -> None:
    from geodata.database import open_engine
    from geodata.importer import import_file, import_folder, read_import_profile

    city = read_profile(settings.city)
    engine = open_engine(str(settings.database_url), statement_ms=600_000)
    with progress(settings.language) as step:
        if data.is_dir():
            reports = import_folder(engine, city, data, dry_run=dry_run, progress=step)
        elif profile is None:
            raise VigieError(
                f"{data.name}: say how to read it with --profile, one of {', '.join(city.imports)}"
            )
        else:
            described = read_import_profile(city, profile)
            reports = [import_file(engine, city, described, data, crs=crs, dry_run=dry_run, progress=step)]
    say = words(settings.language)
    for report in reports:
        console.print(report.text(say), markup=False)
        if report.rejected:
            rejections = settings.var / f"import-rejections-{report.profile}.csv"
            report.write_rejections(rejections, say)
            tell(f"each rejected row, with its reason: {rejections}")
    if any(report.refused for report in reports):
        raise typer.Exit(1)


@feeds.command(name="list")
def feed_list() -> None:
    """The sources the city declares: adapter, transport, period and where they come from."""
    from services.live import listed

    settings = read_settings()
    for line in listed(read_profile(settings.city), words(settings.language), settings.simulator_port):
        print(line)  # noqa: T201 - the answer itself, for pipes


@feeds.command(name="test")
def feed_test(
    name: Annotated[str, typer.Argument(help="A source of the city, or an adapter")],
    file: Annotated[Path, typer.Argument(help="A payload, as it was received", exists=True, dir_okay=False)],
    shown: Annotated[int, typer.Option("--show", help="How many of each kind to show", min=0)] = 20,
) -> None:
    """Show what a payload becomes: observations, positions, rejects with reasons; store nothing."""
    from services.launch.preparing import columns_if_running
    from services.live import in_words, named_source, try_payload

    settings = read_settings()
    profile = read_profile(settings.city)
    source = named_source(profile, name, settings.simulator_port)
    columns = columns_if_running(settings, profile)
    trial = try_payload(source, file.read_bytes(), file, datetime.now(UTC), columns)
    for line in in_words(trial, words(settings.language), shown):
        print(line)  # noqa: T201 - the answer itself, for pipes
    if trial.refused:
        raise typer.Exit(1)


@contextmanager
def _access() -> "Iterator[tuple[Any, Any]]":
    """Access of this installation's database, and who acts at its command line."""
    from geodata.database import open_engine
    from model.roles import Role
    from model.viewer import Viewer
    from services.access import Access
    from services.launch.preparing import ground

    with ExitStack() as stack:
        settings = read_settings()
        if settings.database_url is None:
            settings = stack.enter_context(ground(settings, tell)).settings
        if settings.secret is None or not settings.secret.get_secret_value():
            raise VigieError("VIGIE_SECRET is not set: a code made with another one could not be used")
        engine = open_engine(str(settings.database_url))
        stack.callback(engine.dispose)
        yield Access(engine, settings), Viewer(0, "command line", "command line", Role.ADMINISTRATOR)


@people.command(name="add")
def person_add(
    login: Annotated[str, typer.Option(help="What she signs in with, in small letters")],
    name: Annotated[str, typer.Option(help="As it stands under what she does; the login when empty")] = "",
    role: Annotated[str, typer.Option(help="operator, supervisor, administrator, dpo, …")] = "administrator",
) -> None:
    """Add somebody with a role for the whole city, and print a code with which she chooses her password."""
    from model.people import GrantDraft, PersonDraft
    from services.access import Purpose

    with _access() as (access, viewer):
        made = access.people.make(viewer, PersonDraft(name or login, login), GrantDraft(role))
        print(access.codes.make(viewer, made, Purpose.PASSWORD))  # noqa: T201 - the answer itself, for pipes
    tell(f"{login} is {role}. The code above is used once, at the sign-in page, within two days")


@people.command(name="code")
def person_code(
    login: Annotated[str, typer.Option(help="Whose code")],
    without_second: Annotated[
        bool, typer.Option(help="Her telephone is lost: take the second factor")
    ] = False,
) -> None:
    """Print a new code for somebody who lost her password; with --without-second her telephone, too."""
    from services.access import Purpose

    with _access() as (access, viewer):
        person = access.people.find(login)
        if person is None:
            raise VigieError(f"nobody signs in as {login}")
        if without_second:
            access.credentials.take_second_factor(viewer, person.id)
        print(access.codes.make(viewer, person.id, Purpose.PASSWORD))  # noqa: T201 - the answer itself, for pipes
    tell("the code above is used once, at the sign-in page, within two days")


@contextmanager
def _memory() -> "Iterator[tuple[Any, Any, Settings]]":
    """The database and the archive of this installation: (engine, archive, settings)."""
    from geodata.database import open_engine
    from services.history import Archive
    from services.launch.preparing import ground

    with ground(read_settings(), tell) as laid:
        engine = open_engine(str(laid.settings.database_url), statement_ms=600_000)
        try:
            yield engine, Archive(engine, laid.settings.archive_folder), laid.settings
        finally:
            engine.dispose()


@memory.command(name="verify")
def history_verify(
    days: Annotated[int | None, typer.Option(help="Only the last so many days", min=1)] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")] = None,
) -> None:
    """Prove that nothing is missing: files as recorded, every figure equal to a recount of raw readings."""
    from services.history import verify

    with _memory() as (engine, archive, settings):
        profile = read_profile(settings.city)
        since = datetime.now(profile.zone).date() - timedelta(days=days - 1) if days else None
        verdict = verify(
            engine,
            profile.zone,
            archive,
            first=first.date() if first else since,
            last=last.date() if last else None,
            area_kind=profile.area_kind,
        )
    for difference in verdict.differences:
        print(difference)  # noqa: T201 - the answer itself, for pipes
    tell(verdict.summary())
    if not verdict.proven:
        raise typer.Exit(1)


@memory.command(name="archive")
def history_archive(
    after_days: Annotated[
        int | None, typer.Option(help="Days that stay; otherwise VIGIE_ARCHIVE_AFTER_DAYS", min=2)
    ] = None,
) -> None:
    """Archive the days that are due now, and delete what retention no longer allows."""
    from services.history import close_once

    with _memory() as (engine, archive, settings):
        kept = after_days or settings.archive_after_days
        tell(f"archived {close_once(engine, archive, kept, datetime.now(UTC))} days to {archive.folder}")


@memory.command(name="status")
def history_status() -> None:
    """Say how many days, rows and bytes the database and the archive hold."""
    from services.history import holdings

    with _memory() as (engine, archive, _settings):
        for line in holdings(engine, archive.folder).lines():
            print(line)  # noqa: T201 - the answer itself, for pipes


@audit.command(name="verify")
def audit_verify(
    kept: Annotated[
        list[Path] | None, typer.Option("--heads", help="Heads kept elsewhere, as `head` prints them")
    ] = None,
) -> None:
    """Prove that no entry was changed, removed, put in or moved; with kept heads, that none was cut off."""
    from services.access import read_heads, verdict_lines, verify_books

    known = [head for file in kept or () for head in read_heads(file.read_text("utf-8"), file.name)]
    with _memory() as (engine, _archive, _settings):
        verdict = verify_books(engine, known)
    for line in verdict_lines(verdict):
        print(line)  # noqa: T201 - the answer itself, for pipes
    if not verdict.sound:
        raise typer.Exit(1)


@audit.command(name="head")
def audit_head() -> None:
    """Print the last entry of each book, to be kept where this server cannot write: `... >> heads.txt`."""
    from services.access import audit_heads, head_lines

    with _memory() as (engine, _archive, _settings):
        lines = head_lines(audit_heads(engine))
    print(f"# {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")  # noqa: T201 - the answer itself, for pipes
    for line in lines:
        print(line)  # noqa: T201 - the answer itself, for pipes


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from services.launch.preparing import bring_up_to_date

    settings = read_settings()
    if settings.database_url is None:
        raise VigieError("VIGIE_DATABASE_URL is not set; private servers are migrated by `serve`")
    bring_up_to_date(settings)
    tell("the database is at the newest schema")


@cli.command()
def check() -> None:
    """Look at settings, packages, database, Redis, bundles and city; name each problem and its mend."""
    from services.launch.checking import check as look

    findings = look(read_settings())
    for finding in findings:
        mark = "[green]ok[/green]     " if finding.ok else "[red]problem[/red]"
        console.print(
            f"{mark} {finding.subject}: {finding.found}" + (f" → {finding.mend}" if finding.mend else "")
        )
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Run a command; what is wrong is said in one line, without a stack trace."""
    try:
        cli()
    except VigieError as error:
        if _for_machines():
            log.error("%s: %s", type(error).__name__, error)
        else:
            console.print(f"[red]{type(error).__name__}[/red] {error}", markup=True)
        sys.exit(1)
    except Exception:
        if not _for_machines():
            raise
        log.critical("ended by an error of ours", exc_info=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
