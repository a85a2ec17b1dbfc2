"""``$filter``: read from text (``text``) into a tree (``tree``), and judged over entities (``judging``)."""
