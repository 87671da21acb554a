"""What a contract was charged and paid: entries, statements, closed periods, imports, bills, the heat account."""
