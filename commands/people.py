"""People: the first administrator, and codes for lost ones."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import typer

from commands.terminal import tell
from model.errors import VigieError
from services.settings import read_settings

people = typer.Typer(no_args_is_help=True, help="People: the first administrator, and codes for lost ones.")


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
