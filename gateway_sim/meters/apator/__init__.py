"""Apator: the compact heat meter ELF, by M-Bus."""
