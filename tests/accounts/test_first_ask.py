"""The first statement of a call finds out by itself whether the kept connection still lives."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from accounts.first_ask import row_asked_first


def test_a_connection_that_died_between_two_calls_is_exchanged(postgres: None, db: None) -> None:
    kept = connection.copy()
    try:
        pid = row_asked_first("SELECT pg_backend_pid()", [], using=kept)
        assert pid is not None
        assert row_asked_first("SELECT pg_backend_pid()", [], using=kept) == pid, "it is kept"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", pid)
        after = row_asked_first("SELECT pg_backend_pid()", [], using=kept)
        assert after is not None
        assert after != pid
        with pytest.raises(DatabaseError, match="division"):  # what is wrong with the statement is told, once
            row_asked_first("SELECT 1/%s", [0], using=kept)
        assert row_asked_first("SELECT pg_backend_pid()", [], using=kept) == after
    finally:
        kept.close()
