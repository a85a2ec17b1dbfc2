"""Closed days on files: written, proven, dropped, read again, and let go when their time is over."""
