"""Who may see and do what: people, grants, sessions, looks at protected records, partners, the audit."""

from model.demo_people import DEMO_PEOPLE, DemoPerson
from services.access import known_browsers
from services.access.access import Access
from services.access.audit import record
from services.access.codes import BadCode, Codes, Purpose
from services.access.counting import network_of
from services.access.credentials import Credentials, Proven, SecondFactor, WrongCredentials
from services.access.demo_people import Demo
from services.access.id_token import WrongToken
from services.access.identity import BACK, Denied, IdentityProvider, Known, open_identity
from services.access.identity import LASTING_S as OIDC_LASTING_S
from services.access.identity_people import NotLinked, person_of
from services.access.keeping import keep_audit
from services.access.kept_heads import head_lines, read_heads, verdict_lines
from services.access.partners import Partners
from services.access.partners_checking import allowed
from services.access.passwords import LEAST as PASSWORD_LEAST
from services.access.people import People
from services.access.rates import Rates
from services.access.rights import must_be, within_scope
from services.access.sessions import Sessions
from services.access.signing import Signing
from services.access.verifying import heads as audit_heads
from services.access.verifying import verify_books

__all__ = [
    "BACK",
    "DEMO_PEOPLE",
    "OIDC_LASTING_S",
    "PASSWORD_LEAST",
    "Access",
    "BadCode",
    "Codes",
    "Credentials",
    "Demo",
    "DemoPerson",
    "Denied",
    "IdentityProvider",
    "Known",
    "NotLinked",
    "Partners",
    "People",
    "Proven",
    "Purpose",
    "Rates",
    "SecondFactor",
    "Sessions",
    "Signing",
    "WrongCredentials",
    "WrongToken",
    "allowed",
    "audit_heads",
    "head_lines",
    "keep_audit",
    "known_browsers",
    "must_be",
    "network_of",
    "open_identity",
    "person_of",
    "read_heads",
    "record",
    "verdict_lines",
    "verify_books",
    "within_scope",
]
