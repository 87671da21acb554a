"""Data in: files of archives, and what they mean in this programme."""
