"""The views of the utility's desk, one file a subject."""
