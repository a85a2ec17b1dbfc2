"""Who may see and do what: people, grants, sessions, looks at protected records, partners, the audit."""

from services.access.access import Access
from services.access.audit import record
from services.access.keeping import keep_audit
from services.access.partners import Partners
from services.access.people import People
from services.access.rights import must_be, within_scope
from services.access.session_rows import OpenSession
from services.access.sessions import Sessions
from services.access.verifying import verify_books

__all__ = [
    "Access",
    "OpenSession",
    "Partners",
    "People",
    "Sessions",
    "keep_audit",
    "must_be",
    "record",
    "verify_books",
    "within_scope",
]
