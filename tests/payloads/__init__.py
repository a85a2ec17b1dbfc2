"""Payloads written by hand after the standards' own examples, for tests of feeds."""
