"""Who may see and do what: people, grants, sessions, looks at protected records, partners, the audit."""

from services.access.access import Access, open_access
from services.access.audit import record
from services.access.session_rows import OpenSession
from services.access.sessions import Sessions

__all__ = ["Access", "OpenSession", "Sessions", "open_access", "record"]
