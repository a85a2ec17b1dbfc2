"""Alarms told outside the room: by e-mail, webhook or Common Alerting Protocol, each once.

A notice is written with what it tells of, in one transaction (``notices``), and sent afterwards by the alarm
process (``sending``) over the channels it was started with (``channels``). Who makes routes never sees an
address, and who sees the room never waits for a mail server.
"""

from services.alarms.outward.channels import read_channels
from services.alarms.outward.notices import enqueue
from services.alarms.outward.routes import Routes
from services.alarms.outward.sending import Sender, tell_outside

__all__ = ["Routes", "Sender", "enqueue", "read_channels", "tell_outside"]
