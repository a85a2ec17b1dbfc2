"""The past as it was: the state of an instant, what changed between two, the timeline."""
