"""The utility's desk: contracts, claims, metering points, what is received and missing, archives, contacts, help."""
