"""What a city profile declares of promises and programmes, written where the database knows it not yet."""

from sqlalchemy import Engine

from geodata.profiles import CityProfile
from model.errors import BadField, BadProfile
from services.boards.programmes import book as programmes
from services.boards.promises import book as promises
from services.boards.promises.checking import declared

BY = "city.toml"


def begin(engine: Engine, profile: CityProfile) -> int:
    """Write the commitments and programmes of ``profile`` whose keys are new; how many. Safe to repeat.

    What was changed on a page since stays as it was changed. Raises BadProfile naming file, table and field.
    """
    try:
        drafts = [declared(table) for table in profile.commitments]
        with engine.begin() as connection:
            made = sum(programmes.make(connection, table, BY) for table in profile.programmes)
    except BadField as bad:
        raise BadProfile(f"{profile.folder / 'city.toml'}: commitments and programmes: {bad}") from bad
    return made + promises.seed(engine, drafts, BY)
