"""Fault injection against the gateway agent, by a ledger that knows the truth. `make soak` runs the long form."""
