"""A backup is a folder that proves itself: the database, the files, and a manifest with the sums of every table.

    releve-2026-11-22T103000.123456Z/
        manifest.json     what is in it, and the sums that a restore must give again
        database          pg_dump's custom format, or an SQLite file
        files.tar         what people sent: uploads, papers

Database and sums are of one moment (PostgreSQL: one snapshot; SQLite: one copy), taken while the portal works on.
"""
