"""Less and less of a plan, for a database that refuses all of it: one batch never stands in the way of all
others, and what has to be left out of it is refused by row and counted."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from services.live.plan import Plan, Rows


def only(plan: Plan, keep: npt.NDArray[np.bool_]) -> Plan:
    """``plan`` with only the values to ``keep``."""
    return replace(plan, values=plan.values[keep], value_ids=plan.value_ids[keep])


def ever_less(plan: Plan) -> Iterator[tuple[Plan, list[tuple[int, str]]]]:
    """``plan`` as it is, then without the texts beside it, then its values alone, then no more than the
    count of it; each with the (row, why) it leaves out."""
    yield plan, []
    plan = replace(plan, raws=(), letters=(), refusals=())
    yield plan, []
    left_out = _refused(plan.states) + _refused(plan.positions)
    plan = replace(
        plan, states=plan.states[:0], state_ids=plan.state_ids[:0], positions=plan.positions[:0],
        position_ids=plan.position_ids[:0],
    )  # fmt: skip
    yield plan, left_out
    left_out += _refused(plan.values)
    yield replace(plan, values=plan.values[:0], value_ids=plan.value_ids[:0]), left_out


def _refused(rows: Rows) -> list[tuple[int, str]]:
    return [(row, "refused with its batch") for row in rows["row"].tolist() if row >= 0]
