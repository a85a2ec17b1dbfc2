"""Boards: what a city declares for them."""

from commands.terminal import tell
from geodata.profiles import read_profile
from services.settings import Settings


def begin_promises(settings: Settings) -> None:
    """Write the commitments and programmes of the city profile that the database does not know yet."""
    from geodata.database import open_engine
    from services.boards.declaring import begin

    engine = open_engine(str(settings.database_url))
    try:
        if count := begin(engine, read_profile(settings.city)):
            tell(f"promises and programmes: {count} declared by the city profile")
    finally:
        engine.dispose()
