"""Hints that an occupant may ask for: a budget that is nearly used up, and water that never stops."""
