"""Monthly reports: made once a month's figures are stored, archived, sent. Wings meet only at this front."""

from services.reports.archive import Archive, month_of, place_of
from services.reports.collecting import collected
from services.reports.job import Job, make_reports, send_reports
from services.reports.letters import file_name
from services.reports.look import faces, style
from services.reports.mail import MailServer, NotDelivered, deliver, read_mail
from services.reports.making import Draw, Maker
from services.reports.sending import Sender
from services.reports.subscribers import Subscribers

__all__ = [
    "Archive",
    "Draw",
    "Job",
    "MailServer",
    "Maker",
    "NotDelivered",
    "Sender",
    "Subscribers",
    "collected",
    "deliver",
    "faces",
    "file_name",
    "make_reports",
    "month_of",
    "place_of",
    "read_mail",
    "send_reports",
    "style",
]
