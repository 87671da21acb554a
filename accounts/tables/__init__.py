"""Lists that people bring and take away as CSV or XLSX: one reader and one writer for every page.

table = table_read(uploaded_file, uploaded_file.name)     table.header, table.rows
return table_response(rows, name="occupants", header=["Name", "E-mail"], kind="xlsx")
"""

from accounts.tables.reading import Row, SheetNumber, Table, TableError, sheets_read, table_read
from accounts.tables.writing import KINDS, table_bytes, table_kind, table_response

__all__ = [
    "KINDS",
    "Row",
    "SheetNumber",
    "Table",
    "TableError",
    "sheets_read",
    "table_bytes",
    "table_kind",
    "table_read",
    "table_response",
]
