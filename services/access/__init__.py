"""Who may see and do what: people, grants, sessions, looks at protected records, partners, the audit."""

from services.access.access import Access
from services.access.audit import record
from services.access.partners import Partners
from services.access.people import People
from services.access.session_rows import OpenSession
from services.access.sessions import Sessions

__all__ = ["Access", "OpenSession", "Partners", "People", "Sessions", "record"]
