"""Validation: what stands out in the readings, and what an operator decides about it."""
