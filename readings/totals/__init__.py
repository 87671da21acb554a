"""Consumption from index readings: exact differences of the index function, recomputed where readings changed."""
