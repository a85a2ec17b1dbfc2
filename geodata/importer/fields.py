"""What a row says beside its position: id, name, street, attributes, dates, ranks; checked as declared."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from geodata.importer.batch import Batch
from geodata.importer.profile import Condition, ImportProfile, Text, Value
from geodata.importer.report import Rejection
from geodata.importer.values import Parsed, Wrong, parse_all
from geodata.importer.words import LONGEST


@dataclass
class Refusals:
    """Rows of one batch that are not taken, by place; the first reason found is the one that counts."""

    rows: npt.NDArray[np.int64]
    ids: list[str]
    found: dict[int, Rejection] = field(default_factory=dict)

    def add(self, at: int, reason: str, column: str = "", value: str = "", system: str = "") -> None:
        """Refuse the row at ``at``."""
        if at not in self.found:
            self.found[at] = Rejection(
                int(self.rows[at]), reason, self.ids[at], column, value[:LONGEST], system
            )


def texts(batch: Batch, source: Text | None) -> list[str]:
    """The text of each row from ``source``; empty when every column it reads is empty."""
    if source is None or (not source.columns and not any(literal for literal, _ in source.pieces)):
        return [""] * len(batch)
    if source.pieces == (("", source.columns[0] if source.columns else None),):
        return batch.text(source.columns[0])
    columns = [batch.text(name) for name in source.columns]
    pattern = "".join(literal.replace("%", "%%") + ("%s" if name else "") for literal, name in source.pieces)
    if not columns:
        return [source.pieces[0][0]] * len(batch)
    return [pattern % row if any(row) else "" for row in zip(*columns, strict=True)]


def matching(batch: Batch, conditions: tuple[Condition, ...]) -> npt.NDArray[np.bool_]:
    """Rows (n) for which all ``conditions`` hold."""
    keep = np.ones(len(batch), bool)
    for condition in conditions:
        values = batch.text(condition.column)
        if condition.contains:
            held = [any(part in value for part in condition.values) for value in values]
        else:
            held = [(value in condition.values) != condition.negated for value in values]
        keep &= np.array(held, bool)
    return keep


def recode(batch: Batch, profile: ImportProfile) -> None:
    """Replace known spellings of a column by the one the profile wants."""
    for column, table in profile.recode.items():
        if column in batch.columns:
            fixed = [table.get(text, text) for text in batch.text(column)]
            batch.columns[column] = np.array(fixed, dtype=object)
            batch.forget(column)


def parsed(batch: Batch, value: Value, refusals: Refusals, zone: ZoneInfo) -> list[Parsed]:
    """The column ``value`` names as typed values, None where unknown; what cannot be taken is refused."""
    raw = batch.text(value.column)
    values = parse_all(raw, value, zone)
    for at, one in enumerate(values):
        if isinstance(one, Wrong):
            refusals.add(at, one.reason, value.column, raw[at])
    return values


def attributes(batch: Batch, profile: ImportProfile, refusals: Refusals, zone: ZoneInfo) -> list[str]:
    """One JSON object a row: the declared attributes that are known, and the parent's external id."""
    parts = [_members(key, parsed(batch, value, refusals, zone)) for key, value in profile.attributes.items()]
    if profile.parent:
        prefix = profile.parent_prefix
        named: list[Parsed] = [prefix + text if text else None for text in texts(batch, profile.parent)]
        parts.append(_members("parent", named))
    if not parts:
        return ["{}"] * len(batch)
    if len(parts) == 1:
        return ["{" + member + "}" for member in parts[0]]
    return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*parts, strict=True)]


def _members(key: str, values: list[Parsed]) -> list[str]:
    """``"key":value`` of each row, empty where the value is unknown; each distinct value written once."""
    start = json.dumps(key, ensure_ascii=False) + ":"
    table = {value: "" if value is None else start + _json(value) for value in set(values)}
    return [table[value] for value in values]


def _json(value: Parsed) -> str:
    if isinstance(value, Wrong):
        return "null"
    plain = value.isoformat() if isinstance(value, datetime) else value
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def numbers(batch: Batch, profile: ImportProfile, refusals: Refusals, zone: ZoneInfo) -> list[str]:
    """A street's rank or an area's population as COPY text; ``\\N`` where there is none."""
    if profile.target == "street":
        ranks = np.full(len(batch), profile.default_rank)
        for rule in reversed(profile.ranks):
            ranks[matching(batch, rule.conditions)] = rule.rank
        return [str(rank) for rank in ranks.tolist()]
    if profile.population is None:
        return ["\\N"] * len(batch)
    known = parsed(batch, profile.population, refusals, zone)
    return [str(value) if isinstance(value, int) else "\\N" for value in known]


def moments(batch: Batch, profile: ImportProfile, refusals: Refusals, zone: ZoneInfo) -> list[str]:
    """installed_at as COPY text in UTC; ``\\N`` where it is not known."""
    if profile.installed_at is None:
        return ["\\N"] * len(batch)
    known = parsed(batch, profile.installed_at, refusals, zone)
    return [value.isoformat() if isinstance(value, datetime) else "\\N" for value in known]
