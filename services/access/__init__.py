"""Who may see and do what: people, grants, sessions, looks at protected records, partners, the audit."""

from services.access.access import Access
from services.access.audit import record
from services.access.partners import Partners
from services.access.people import People

__all__ = ["Access", "Partners", "People", "record"]
