"""Who may see and do what: people, grants, sessions, looks at protected records, partners, the audit."""

from services.access.access import Access
from services.access.audit import record
from services.access.keeping import keep_audit
from services.access.rights import must_be, within_scope
from services.access.verifying import verify_books

__all__ = ["Access", "keep_audit", "must_be", "record", "verify_books", "within_scope"]
