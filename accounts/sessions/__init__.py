"""Browsers that are signed in: where their rows live (`store`), what a person sees of them (`devices`, `views`)."""
