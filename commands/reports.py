"""Monthly reports: make one, list what there is, send what is to be sent."""

from datetime import UTC, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from commands.memory import open_memory
from commands.terminal import tell
from geodata.profiles import CityProfile, read_profile
from model.errors import BadRequest
from services.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from services.reports import Draw, Job

reports = typer.Typer(no_args_is_help=True, help="Monthly reports: make one, list them, send them.")
AT_COMMAND_LINE = "command line"
MonthOption = Annotated[str, typer.Option("--month", help="The month, as 2026-10")]


def _draw() -> "Draw":
    """How a report is drawn: what is seen, with the files it carries."""
    from layouts.monthly_files import draw
    from services.reports import faces, style

    return partial(draw, style=style(), faces=faces())


def reports_job(engine: "Engine", settings: Settings, profile: CityProfile) -> "Job":
    """The job that makes this installation's reports."""
    from services.boards import Boards
    from services.reports import Job, Maker

    boards = Boards(engine, profile)
    return Job(
        profile, boards, Maker(engine, profile, boards, _draw()), time.fromisoformat(settings.reports_at)
    )


@reports.command()
def make(
    month: MonthOption,
    commune: Annotated[str, typer.Option(help="Name or number of the commune; none: the whole city")] = "",
    language: Annotated[str, typer.Option(help="fr or en; none: each language of the city")] = "",
    reason: Annotated[str, typer.Option(help="Why, for a report that exists already")] = "",
) -> None:
    """Make a report of the stored figures of a month; the versions before stay in the archive."""
    from services.boards import Boards
    from services.reports import Maker, month_of, place_of

    with open_memory() as (engine, _memory, settings):
        profile = read_profile(settings.city)
        if language and language not in profile.languages:
            raise BadRequest(f"--language is one of {', '.join(profile.languages)}")
        maker = Maker(engine, profile, Boards(engine, profile), _draw())
        first, area = month_of(month), place_of(commune, maker.archive.places())
        if maker.archive.newest(area, first)[0] and not reason.strip():
            raise BadRequest("there is a report of that month: say with --reason why it is made anew")
        chosen = (language,) if language else None
        version = maker.make(area, first, datetime.now(UTC), AT_COMMAND_LINE, reason.strip(), chosen)
        tell(f"{month}, {commune or profile.title}: version {version}")


@reports.command(name="list")
def list_() -> None:
    """List the reports of the last two years: month, place, language, format, version, size, made at."""
    from services.reports import Archive

    with open_memory() as (engine, _memory, settings):
        profile = read_profile(settings.city)
        for one in Archive(engine, profile.area_kind).all():
            place = one.area_name or profile.title
            print(  # noqa: T201 - the answer itself, for pipes
                f"{one.month:%Y-%m}  {place}  {one.language}  {one.format}  version {one.version}  "
                f"{one.size} bytes  {one.made_at:%Y-%m-%dT%H:%M%z}  {one.sha256[:12]}"
            )


@reports.command()
def send(month: MonthOption) -> None:
    """Send the newest reports of a month to every reader who was not sent that version, and what waits."""
    from services.reports import Sender, month_of, read_mail

    with open_memory() as (engine, _memory, settings):
        server = read_mail(settings.channels.get_secret_value() if settings.channels else "")
        if server is None:
            raise BadRequest("no mail server: set the channel `reports` in VIGIE_CHANNELS (docs/reports.md)")
        sender = Sender(engine, read_profile(settings.city), server, settings.url or "")
        now = datetime.now(UTC)
        queued = sender.queue(now, month_of(month))
        tell(f"{queued} put on the ledger, {sender.step(now)} sent")
