"""Index readings that a person types: asked beside the previous one, checked for being likely, kept as typed."""
