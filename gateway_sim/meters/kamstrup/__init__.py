"""Kamstrup: MULTICAL 601 and 602 (KMP) and 66-CDE (text at two speeds)."""
