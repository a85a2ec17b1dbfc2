"""What people take away: files of data, animated replays, the report of a night. Wings meet at this front.

Named for what it is for the reader: an export, a picture and a report differ in form, and share what each
must say of itself (``model/takeaway.py``).
"""

from services.takeaway.changes_table import changes_table
from services.takeaway.csv_file import safe_cell
from services.takeaway.difference_table import difference_table
from services.takeaway.making import FORMATS, Format, format_named, made, pieces
from services.takeaway.night import Asked as NightAsked
from services.takeaway.night import night_report
from services.takeaway.nights import night_after, night_before
from services.takeaway.origin import origin_in
from services.takeaway.paper import DEADLINE_S as PAPER_DEADLINE_S
from services.takeaway.paper import PaperTooLong, can_make_pdf, pdf_of
from services.takeaway.places import area_shape, asset_shapes
from services.takeaway.replay import DEADLINE_S as REPLAY_DEADLINE_S
from services.takeaway.replay import KINDS as REPLAY_KINDS
from services.takeaway.replay import ReplayAsked, replay
from services.takeaway.series_table import Named, series_table, shared_unit, whole_coverage
from services.takeaway.state_table import Chosen, Moment, state_table
from services.takeaway.table import DEADLINE_S, GEOMETRY, MOST_ROWS, Batch, Table, TooLong, TooMuch

__all__ = [
    "DEADLINE_S",
    "FORMATS",
    "GEOMETRY",
    "MOST_ROWS",
    "PAPER_DEADLINE_S",
    "REPLAY_DEADLINE_S",
    "REPLAY_KINDS",
    "Batch",
    "Chosen",
    "Format",
    "Moment",
    "Named",
    "NightAsked",
    "PaperTooLong",
    "ReplayAsked",
    "Table",
    "TooLong",
    "TooMuch",
    "area_shape",
    "asset_shapes",
    "can_make_pdf",
    "changes_table",
    "difference_table",
    "format_named",
    "made",
    "night_after",
    "night_before",
    "night_report",
    "origin_in",
    "pdf_of",
    "pieces",
    "replay",
    "safe_cell",
    "series_table",
    "shared_unit",
    "state_table",
    "whole_coverage",
]
