"""Index readings from anybody's CSV or XLSX: which column means what, row by row into the common waist."""
