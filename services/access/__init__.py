"""Who may see and do what: people, grants, sessions, looks at protected records, partners, the audit."""

from services.access.access import Access
from services.access.audit import record

__all__ = ["Access", "record"]
