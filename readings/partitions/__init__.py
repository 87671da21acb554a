"""Readings and archive records in monthly pieces, on PostgreSQL, where somebody asked for it (docs/sizing.md)."""
