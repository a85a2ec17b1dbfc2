"""What explains what: one cause with its consequences under it, told by the network or inferred."""

from services.alarms.causes.explaining import explain
from services.alarms.causes.flaws import BROKEN, CHILDLESS, flaws_told
from services.alarms.causes.reading import read_topology
from services.alarms.causes.rows import KEPT_S, OPEN, Explained, Inferred, Open, blank
from services.alarms.causes.settling import apply, settle
from services.alarms.causes.topology import Flaw, Topology

__all__ = [
    "BROKEN",
    "CHILDLESS",
    "KEPT_S",
    "OPEN",
    "Explained",
    "Flaw",
    "Inferred",
    "Open",
    "Topology",
    "apply",
    "blank",
    "explain",
    "flaws_told",
    "read_topology",
    "settle",
]
