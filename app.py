"""Vigie's front doors and its command line. Imported by nobody.

``control_room``, ``devices_door`` and ``public_door`` make the three web applications, each for a process
of its own; the commands start them, alone or as one group. ``python app.py --help`` explains itself.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.audit import audit
from commands.boards import begin_promises
from commands.data import build_demo, demo, import_
from commands.feeds import feeds
from commands.kpis import kpis
from commands.memory import memory
from commands.people import people
from commands.publications import begin_publications, publications
from commands.reports import reports, reports_job
from commands.storms import storm
from commands.terminal import console, for_machines, settings_with_addresses, tell
from geodata.profiles import read_profile
from model.errors import VigieError
from services.logs import set_up as set_up_logs
from services.settings import ROOT, Settings, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services.launch.supervisor import Worker
    from services.publishing import Report

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Vigie, the operations control centre of a smart city.",
)
cli.command()(demo)
cli.command(name="import")(import_)
cli.command()(storm)
cli.add_typer(feeds, name="feed")
cli.add_typer(memory, name="history")
cli.add_typer(kpis, name="kpis")
cli.add_typer(people, name="person")
cli.add_typer(audit, name="audit")
cli.add_typer(publications, name="publications")
cli.add_typer(reports, name="reports")
log = logging.getLogger("vigie")
WORKERS = ("web", "ingest", "record", "alarm", "publish", "public", "simulate")


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
        set_up_logs(name, form="json" if for_machines() else "text")
    else:
        set_up_logs(name, settings.log_level, settings.log_format)


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
                build_demo(ground.settings)
            begin_publications(ground.settings)
            begin_promises(ground.settings)
            settings = free_ports(ground.settings, tell)
            # Nothing stands in front of the public process here, so it counts what it answers itself.
            here = {"demo_sign_in": _one_click(settings), "count_use": True}
            settings = settings.model_copy(update=here)
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
    """Keep the history in order: rollups, key figures, keyframes, closed days, retention, audit; make the
    monthly reports."""
    from geodata.database import open_engine
    from services.access import keep_audit
    from services.boards import keep_kpis
    from services.history import Archive, keep_archive, keep_rollups
    from services.live import keep_history
    from services.reports import make_reports

    settings = settings_with_addresses()
    profile = read_profile(settings.city)
    engine = open_engine(str(settings.database_url), statement_ms=120_000)

    archive = Archive(engine, settings.archive_folder)

    async def work(stop: asyncio.Event) -> None:
        await asyncio.gather(
            keep_rollups(engine, profile.zone, stop, area_kind=profile.area_kind, archive=archive),
            keep_kpis(engine, profile, stop),
            keep_archive(engine, archive, settings.archive_after_days, stop),
            keep_history(engine, str(settings.redis_url), profile, stop),
            keep_audit(engine, stop),
            make_reports(reports_job(engine, settings, profile), stop),
        )

    run_until_asked(work)


@cli.command()
def alarm() -> None:
    """Watch the alarms: judge what settles by the rules in force; tell outside what routes ask; send
    the monthly reports."""
    from geodata.database import open_engine
    from services.alarms import read_channels, tell_outside, watch_alarms
    from services.reports import Sender, read_mail, send_reports

    settings = settings_with_addresses()
    profile = read_profile(settings.city)
    engine = open_engine(str(settings.database_url), statement_ms=30_000)
    channels = settings.channels.get_secret_value() if settings.channels else ""
    ways = read_channels(channels)
    sender = Sender(engine, profile, read_mail(channels), settings.url or "")

    async def work(stop: asyncio.Event) -> None:
        await asyncio.gather(
            watch_alarms(engine, str(settings.redis_url), profile, stop),
            tell_outside(engine, profile, ways, stop),
            send_reports(sender, stop),
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
        _publish_all(publish_once(engine, settings, profile, datetime.now(UTC)))
    else:
        run_until_asked(lambda stop: publish_loop(engine, settings, profile, stop))


def _publish_all(reports: "list[Report]") -> None:
    for report in reports:
        tell(str(report))
    failed = [report.publication for report in reports if report.state == "failed"]
    if failed:
        raise VigieError(f"not published: {', '.join(failed)}; what was published before stays")


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
            wishes=settings.var,
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


# The database, and what is wrong here ---------------------------------------------------------


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from services.launch.preparing import bring_up_to_date

    settings = read_settings()
    if settings.database_url is None:
        raise VigieError("VIGIE_DATABASE_URL is not set; private servers are migrated by `serve`")
    bring_up_to_date(settings)
    begin_publications(settings)
    begin_promises(settings)
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
        if for_machines():
            log.error("%s: %s", type(error).__name__, error)
        else:
            console.print(f"[red]{type(error).__name__}[/red] {error}", markup=True)
        sys.exit(1)
    except Exception:
        if not for_machines():
            raise
        log.critical("ended by an error of ours", exc_info=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
