"""Alarms: rules that say what needs somebody, the engine that watches, and the desk where people answer."""
