"""The book of commitments: each in versions that are never changed: who changed what stays readable."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.promises import DOMAIN_OF, Baseline, BaselineKind, Commitment, CommitmentDraft, Promised
from model.roles import PROMISE_KEEPERS
from model.texts import LANGUAGES
from model.viewer import Viewer
from services.access import must_be, record, within_scope
from services.boards.promises.checking import checked

DEADLINE_MS = 3_000
_BASELINE = ("kwh", "coverage", "points", "hours", "degree_days")

_COLUMNS = """
    c.id, v.version, c.key, v.title_fr, v.title_en, v.measure, v.target_share, v.target_on, v.contract,
    v.owner, v.baseline, v.baseline_from, v.baseline_to, v.baseline_document, v.baseline_dated,
    v.baseline_kwh, v.baseline_coverage, v.baseline_points, v.baseline_hours, v.baseline_degree_days,
    v.weather_share, v.withdrawn, v.reason, v.made_by, v.made_at
"""
_NEWEST = text(
    f"""
    SELECT {_COLUMNS} FROM commitment c JOIN LATERAL (
        SELECT * FROM commitment_version WHERE commitment_id = c.id ORDER BY version DESC LIMIT 1
    ) v ON true ORDER BY c.id
    """  # noqa: S608 - columns of ours
)
_VERSIONS = text(
    f"""
    SELECT {_COLUMNS} FROM commitment c JOIN commitment_version v ON v.commitment_id = c.id
    WHERE c.key = :key ORDER BY v.version DESC
    """  # noqa: S608 - columns of ours
)
_MAKE = text(
    "INSERT INTO commitment (key, domain) VALUES (:key, :domain) ON CONFLICT (key) DO NOTHING RETURNING id"
)
_KNOWN = text("SELECT id FROM commitment WHERE key = :key")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.commitment'))")
_ADD = text(
    """
    INSERT INTO commitment_version (
        commitment_id, version, title_fr, title_en, measure, target_share, target_on, contract, owner,
        baseline, baseline_from, baseline_to, baseline_document, baseline_dated, baseline_kwh,
        baseline_coverage, baseline_points, baseline_hours, baseline_degree_days, weather_share, withdrawn,
        reason, made_by
    ) SELECT :id, coalesce(max(version), 0) + 1, :title_fr, :title_en, :measure, :target_share, :target_on,
        :contract, :owner, :baseline, :first, :last, :document, :dated, :kwh, :coverage, :points, :hours,
        :degree_days, :weather_share, :withdrawn, :reason, :made_by
    FROM commitment_version WHERE commitment_id = :id RETURNING version
    """
)


def commitments(connection: Connection) -> tuple[Commitment, ...]:
    """The newest version of every commitment the connection sees, withdrawn ones left out."""
    found = (_commitment(row) for row in connection.execute(_NEWEST))
    return tuple(one for one in found if not one.draft.withdrawn)


def versions(engine: Engine, key: str) -> tuple[Commitment, ...]:
    """Every version of the commitment ``key``, newest first. Raises NotFound, Unavailable."""
    with asking(engine, DEADLINE_MS) as connection:
        found = tuple(_commitment(row) for row in connection.execute(_VERSIONS, {"key": key}))
    if not found:
        raise NotFound(f"no commitment {key!r}")
    return found


def _commitment(row: Any) -> Commitment:
    baseline = Baseline(
        BaselineKind(row.baseline), row.baseline_from, row.baseline_to, row.baseline_document,
        row.baseline_dated, weather_share=row.weather_share,
        **{name: getattr(row, f"baseline_{name}") for name in _BASELINE},
    )  # fmt: skip
    draft = CommitmentDraft(
        row.key, {"fr": row.title_fr, "en": row.title_en}, Promised(row.measure), row.target_share,
        row.target_on, row.contract, row.owner, baseline, row.reason, row.withdrawn,
    )  # fmt: skip
    return Commitment(row.id, row.version, draft, row.made_by, row.made_at)


def write(engine: Engine, viewer: Viewer, draft: CommitmentDraft, *, new: bool = False) -> int:
    """Write ``draft`` as the next version of its commitment, or with ``new`` as the first; its number.

    One transaction with its entry of the audit. Raises BadField, Refused (the role, or a scope that is not
    all communes and the domain), Unavailable.
    """
    must_be(viewer, PROMISE_KEEPERS, "write commitments")
    clean = checked(draft)
    domain = DOMAIN_OF[clean.promised]
    with asking(engine, DEADLINE_MS) as connection:
        within_scope(connection, viewer)
        if viewer.scope.domains is not None and domain not in viewer.scope.domains:
            raise Refused("that commitment is of a domain outside what you see")
        version = _written(connection, clean, viewer.name)
        if new != (version == 1):
            raise BadField("key", "known" if new else "unknown_key")
        before = connection.execute(_VERSIONS, {"key": clean.key}).all()
        details = {"version": version, "now": told(clean)}
        if len(before) > 1:
            details["before"] = told(_commitment(before[1]).draft)
        record(
            connection, viewer, Action.COMMITMENT_WRITTEN, kind="commitment", object=clean.key,
            details=details,
        )  # fmt: skip
        connection.commit()
    return version


def _written(connection: Connection, draft: CommitmentDraft, made_by: str) -> int:
    connection.execute(_ONE_AT_A_TIME)
    made = connection.scalar(_MAKE, {"key": draft.key, "domain": DOMAIN_OF[draft.promised]})
    which = made if made is not None else connection.scalar(_KNOWN, {"key": draft.key})
    baseline = draft.baseline
    values = {
        "id": which, "measure": draft.promised.value, "target_share": draft.target_share,
        "target_on": draft.target_on, "contract": draft.contract, "owner": draft.owner,
        "baseline": baseline.kind.value, "first": baseline.first, "last": baseline.last,
        "document": baseline.document, "dated": baseline.dated, "weather_share": baseline.weather_share,
        "withdrawn": draft.withdrawn, "reason": draft.reason, "made_by": made_by,
        **{f"title_{language}": draft.titles[language] for language in LANGUAGES},
        **{name: getattr(baseline, name) for name in _BASELINE},
    }  # fmt: skip
    return int(str(connection.scalar(_ADD, values)))


def told(draft: CommitmentDraft) -> dict[str, Any]:
    """A version for the audit: what it says, without what is empty."""
    baseline = {name: value for name, value in vars(draft.baseline).items() if value not in (None, "")}
    plain = {name: value for name, value in vars(draft).items() if name not in ("titles", "baseline")}
    return {**plain, **draft.titles, "baseline": baseline}


def seed(engine: Engine, drafts: Iterable[CommitmentDraft], made_by: str) -> int:
    """Write the commitments a city profile declares and the book does not know yet; how many."""
    count = 0
    with engine.begin() as connection:
        for draft in drafts:
            if connection.scalar(_KNOWN, {"key": draft.key}) is None:
                _written(connection, draft, made_by)
                count += 1
    return count
