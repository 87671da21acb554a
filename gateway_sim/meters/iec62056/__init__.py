"""IEC 62056-21 (formerly 1107): the read-out that many meters give to an optical head."""
