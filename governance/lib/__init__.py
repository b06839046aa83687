"""Floor 0: no tables, knows nobody."""
