"""Publications: what is let out of the city's datasets, who has to approve it, and taking it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.memory import open_memory
from commands.terminal import tell
from geodata.profiles import read_profile
from model.errors import VigieError
from services.settings import Settings, read_settings

if TYPE_CHECKING:
    from model.publications import Publication
    from model.roles import Role
    from model.viewer import Viewer

publications = typer.Typer(
    no_args_is_help=True, help="What is published of the city's datasets: list, approve, revoke."
)
AT_COMMAND_LINE = "command line"


def begin_publications(settings: Settings) -> None:
    """Give every dataset that may be open its first publication, where it has none."""
    from geodata.database import open_engine
    from services.publishing.register import seed

    profile = read_profile(settings.city)
    engine = open_engine(str(settings.database_url))
    try:
        if count := seed(engine, profile):
            told = (
                "approved" if profile.generated else "proposed; `app.py publications approve` lets them out"
            )
            tell(f"publications: {count} of the datasets that may be open, {told}")
    finally:
        engine.dispose()


@contextmanager
def _register() -> "Iterator[tuple[Any, Any]]":
    """The register of this installation, and its database."""
    from services.publishing import artefact_store
    from services.publishing.register import Publications

    with open_memory() as (engine, _archive, settings):
        yield Publications(engine, artefact_store(settings)), engine


@publications.command(name="list")
def list_() -> None:
    """List every publication: where it stands, and what speaks against the one that waits."""
    now, say = datetime.now(UTC), _words()
    with _register() as (register, _engine):
        for one in register.list():
            for line in _lines(one, now, register.lint, say):
                print(line)  # noqa: T201 - the answer itself, for pipes


def _lines(one: "Publication", now: datetime, lint: Any, say: Any) -> Iterator[str]:
    """A publication, and under it what is said against the version that waits."""
    from model.finding_words import objection, what_would_pass

    newest, waiting = one.versions[0], one.waiting(now)
    line = f"{one.name}  version {newest.number}  {newest.state(now)}"
    yield line + (f"  waits for: {', '.join(waiting.waits_for)}" if waiting else "")
    for finding in lint(waiting.draft) if waiting else ():
        yield f"    {objection(say, finding)} {what_would_pass(say, finding)}"


@publications.command()
def approve(
    login: Annotated[str, typer.Option("--as", help="In whose name: a data steward, or the DPO")],
    names: Annotated[list[str] | None, typer.Argument(help="Which publications")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Whatever waits for her")] = False,
) -> None:
    """Approve what waits under each name, or as DPO say that nothing speaks against it."""
    if bool(names) is everything:
        raise VigieError("name publications, or say --all")
    with _register() as (register, engine):
        viewer = _person(engine, login)
        waiting = {one.name: one.waiting(datetime.now(UTC)) for one in register.list()}
        if everything:
            names = [name for name, one in waiting.items() if one and viewer.role in one.waits_for]
        for name in names or ():
            _approve(register, viewer, name, waiting.get(name))
    if not names:
        tell(f"nothing waits for {login}")


def _approve(register: Any, viewer: "Viewer", name: str, waiting: Any) -> None:
    if waiting is None:
        raise VigieError(f"{name}: nothing waits there; `app.py publications list` names what does")
    done = register.approve(viewer, name, waiting.number)
    tell(f"{name}: version {waiting.number} " + ("is in force" if done else "waits for a second person"))


@publications.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Which publication")],
    why: Annotated[str, typer.Option(help="Why; everybody may read it")] = AT_COMMAND_LINE,
) -> None:
    """Take a publication back at once, its files too."""
    from model.roles import Role
    from model.viewer import Viewer

    with _register() as (register, _engine):
        viewer = Viewer(0, AT_COMMAND_LINE, AT_COMMAND_LINE, Role.ADMINISTRATOR)
        number = register.revoke(viewer, name, why)
    tell(f"{name}: version {number} is revoked")


def _words() -> Any:
    from model.texts import words

    return words(read_settings().language)


def _person(engine: Any, login: str) -> "Viewer":
    """Who ``login`` is, in the grant of hers that decides on publications."""
    from model.roles import PUBLICATION_DECIDERS
    from model.viewer import Scope, Viewer
    from services.access import People

    people = People(engine)
    person = people.find(login)
    if person is None:
        raise VigieError(f"nobody signs in as {login}")
    if person.disabled_at is not None:
        raise VigieError(f"the account {login} is disabled")
    held = [one for one in people.grants_of(person.id, datetime.now(UTC)) if _decides(one.role)]
    if not held:
        roles = ", ".join(sorted(PUBLICATION_DECIDERS))
        raise VigieError(f"{login} holds none of the roles that decide: {roles}")
    grant = held[0]
    scope = Scope(grant.areas, grant.domains)
    return Viewer(person.id, person.login, person.name, grant.role, scope, grant_id=grant.id)


def _decides(role: "Role") -> bool:
    from model.roles import PUBLICATION_DECIDERS

    return role in PUBLICATION_DECIDERS
