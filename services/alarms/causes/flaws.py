"""What is wrong in the relations of the assets, in words: a line of data quality, never an error."""

from collections import defaultdict

from geodata.assets import Columns
from services.alarms.causes.topology import Topology

BROKEN = {
    "parent_loop": "above themselves",
    "parent_gone": "under a parent that is not there",
    "parent_type": "under a parent of a kind that feeds none of theirs",
}
CHILDLESS = {"childless": "with nothing known to hang on them"}
_NAMED = 3


def flaws_told(topology: Topology, columns: Columns, kinds: dict[str, str]) -> list[str]:
    """One line for each of ``kinds`` (of ``BROKEN`` or ``CHILDLESS``) there is, with the first few ids."""
    found = defaultdict(list)
    for flaw in topology.flaws:
        found[flaw.what].append(str(columns.external_ids[flaw.asset]))
    return [
        f"{len(found[what])} assets {words}: {', '.join(found[what][:_NAMED])}"
        + ("…" if len(found[what]) > _NAMED else "")
        for what, words in kinds.items()
        if found[what]
    ]
