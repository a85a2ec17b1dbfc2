"""The city at work: feeds, live state, history, boards, publications. No browser in here."""
