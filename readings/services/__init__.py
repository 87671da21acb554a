"""What people do with readings: keyword-only, atomic, refusing with `DomainError`."""
